# Basin on NVIDIA GPUs: the engines cuda (compute capability 7.5 and newer), cpu and dl4j (on nd4j-native).
#
#   docker build -f docker/cuda.Dockerfile -t basin:cuda .
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD:/work" basin:cuda doctor
#   docker run --rm --gpus all --user "$(id -u):$(id -g)" -v "$PWD:/work" \
#     basin:cuda run experiments/quickstart.yaml --engine cuda
#
# The base is CUDA 12.8 with NVRTC and cuBLAS, the first that compiles for every GPU up to Blackwell; the driver
# of the machine has to serve it (525 or newer). Add -e BASIN_DATA=data, or kernels are compiled, in seconds,
# at every start. Any user ID, read-only root and Apptainer (--nv): as docker/cpu.Dockerfile says.
#
# DL4J on GPUs of compute capability 3.7 to 8.9 in place of the CPU: the newest ND4J for CUDA was built against
# CUDA 11.6 (driver 510 or newer), and has no code for newer GPUs (H100, H200, B200), which --engine dl4j says
# there. The engine cuda is then not to be had:
#
#   docker build -f docker/cuda.Dockerfile -t basin:nd4j-cuda . \
#     --build-arg CUDA=11.6.2-runtime-ubuntu20.04 --build-arg PROFILE=-Pnd4j-cuda
#
# x86-64 only. Never built by Docker so far: it was written where no Docker engine ran and no GPU was. Checked
# there by hand: that the profile leaves one backend, nd4j-cuda-11.6 with its bindings, among the
# dependencies, and is refused with one line on ARM; that the Java runtime needs no newer C
# library than the older base has. The layout is docker/cpu.Dockerfile's, which says how that was checked.
# Not checked: training on a GPU, and the base images, whose tags are taken from others' published files.

ARG CUDA=12.8.1-runtime-ubuntu24.04

FROM maven:3.9.16-eclipse-temurin-25-noble AS build
ARG PROFILE=
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B -ntp ${PROFILE} -Dmaven.test.skip=true -Dspotless.check.skip=true package
RUN docker/assemble /opt/basin

FROM eclipse-temurin:25.0.3_9-jre-noble AS java

FROM nvidia/cuda:${CUDA}
# ND4J uses OpenMP on the host.
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
