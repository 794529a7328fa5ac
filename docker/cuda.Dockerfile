# Basin on NVIDIA GPUs of compute capability 3.7 to 8.9: the dl4j engine on nd4j-cuda-11.6 (-Pnd4j-cuda).
#
#   docker build -f docker/cuda.Dockerfile -t basin:cuda .
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD:/work" basin:cuda doctor
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD:/work" \
#     basin:cuda run experiments/quickstart.yaml --engine dl4j
#
# The base is CUDA 11.6, with cublas, cusolver and cusparse, because that is what the newest ND4J for
# CUDA was built against; the driver of the machine has to serve it (510 or newer on Linux). ND4J's
# library has no code for newer GPUs (H100, H200, B200): doctor and --engine dl4j say so there.
# x86-64 only. Any user ID, read-only root and Apptainer (--nv): as docker/cpu.Dockerfile says.
#
# Never built by Docker so far: it was written where no Docker engine ran and no such GPU was. Checked
# there by hand: that the profile leaves one backend, nd4j-cuda-11.6 with its bindings, among the
# dependencies, and is refused with one line on ARM; that the Java runtime needs no newer C
# library than this base has. The layout is docker/cpu.Dockerfile's, which says how that was checked.
# Not checked: training on a GPU, and the base images, whose tags are taken from others' published files.

FROM maven:3.9.16-eclipse-temurin-25-noble AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp -Pnd4j-cuda -Dmaven.test.skip=true -Dspotless.check.skip=true package
RUN docker/assemble /opt/basin

FROM eclipse-temurin:25.0.3_9-jre-noble AS java

FROM nvidia/cuda:11.6.2-runtime-ubuntu20.04
# libnd4jcuda.so uses OpenMP on the host.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=java /opt/java/openjdk /opt/java/openjdk
COPY --from=build /opt/basin /opt/basin
ENV BASIN_JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/basin:$PATH \
    LANG=C.UTF-8 \
    HOME=/tmp
RUN mkdir /work && chmod 1777 /work
WORKDIR /work
USER 1000:1000
# No GPU is there while an image is built: this shows that Java and Basin start.
RUN basin --version
ENTRYPOINT ["/opt/basin/basin"]
CMD ["--help"]
