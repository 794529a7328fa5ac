# Basin on the CPU: the engines cpu and dl4j (on nd4j-native), on x86-64 and ARM.
#
#   docker build -f docker/cpu.Dockerfile -t basin:cpu .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" basin:cpu run experiments/quickstart.yaml
#
# Results land in ./runs of the folder it is started in. Data that basin data fetch brings stay when
# they have a place: add -e BASIN_DATA=data. Any user ID will do, and so will a read-only
# root with a writable /tmp (docker run --read-only --tmpfs /tmp ..., or Apptainer):
#
#   apptainer build basin.sif docker-daemon://basin:cpu
#   apptainer run --bind "$PWD:/work" --pwd /work basin.sif run experiments/quickstart.yaml
#
# Never built by Docker so far: it was written where no Docker engine ran. Checked there by hand, on
# x86-64 and Temurin 25.0.3: the build stage's two commands, in a folder with only what .dockerignore
# lets through; then its result at /opt/basin in a changed root, all of it mounted read-only but /tmp and
# the work folder, on a Java runtime linked from modules that every JRE has, as user 12345 without name,
# group or home, in another time zone: doctor, and for each engine two runs of experiments/smoke.yaml
# side by side, all 44 replicas each, the same results from both, and nothing in /tmp afterwards but an
# empty folder of JavaCPP's.
# Not checked: the base images, whose tags are those of others' published files; ARM; Apptainer.

FROM maven:3.9.16-eclipse-temurin-25-noble AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true package
RUN docker/assemble /opt/basin

FROM eclipse-temurin:25.0.3_9-jre-noble
COPY --from=build /opt/basin /opt/basin
ENV BASIN_JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/basin:$PATH \
    HOME=/tmp
RUN mkdir /work && chmod 1777 /work
WORKDIR /work
USER 1000:1000
# The image is good when both engines train.
RUN basin run /opt/basin/experiments/smoke.yaml --engine cpu --out /tmp/smoke-cpu \
    && basin run /opt/basin/experiments/smoke.yaml --engine dl4j --out /tmp/smoke-dl4j \
    && rm -rf /tmp/smoke-* /tmp/.javacpp
ENTRYPOINT ["/opt/basin/basin"]
CMD ["--help"]
