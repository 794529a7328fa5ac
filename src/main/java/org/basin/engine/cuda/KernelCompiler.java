package org.basin.engine.cuda;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles kernels for a GPU, or takes them from the cache, where they stand by the hash of their
 * source, the compiler's version and the architecture.
 *
 * @param nvrtc the compiler
 * @param cache of what was compiled
 */
record KernelCompiler(Nvrtc nvrtc, KernelCache cache) {
  private static final Logger LOG = LoggerFactory.getLogger(KernelCompiler.class);

  /**
   * Kernels ready to be loaded.
   *
   * @param key of the cache
   * @param image machine code for the GPU; or PTX, which the driver compiles, for a GPU that is
   *     newer than the compiler
   */
  record Compiled(String key, byte[] image) {}

  /**
   * Compiles {@code source} for GPUs of {@code capability}.
   *
   * @param capability 10 major + minor
   * @throws CudaException when the source does not compile, or the compiler does not know so old a
   *     GPU
   */
  Compiled compile(KernelSource source, int capability) {
    int[] known = nvrtc.architectures();
    int target = 0;
    for (int architecture : known) {
      target = architecture <= capability ? Math.max(target, architecture) : target;
    }
    if (target == 0) {
      throw new CudaException(
          CudaException.Kind.OTHER,
          "NVRTC %s compiles for compute capability %d.%d and newer, the GPU has %d.%d; install an older CUDA toolkit"
              .formatted(
                  nvrtc.version(), known[0] / 10, known[0] % 10, capability / 10, capability % 10));
    }
    boolean binary = target == capability;
    String architecture = (binary ? "sm_" : "compute_") + target;
    String key =
        "%s-%s-nvrtc%s-%s%s"
            .formatted(
                source.name().replace(".cu", ""),
                architecture,
                nvrtc.version(),
                source.hash(),
                binary ? ".cubin" : ".ptx");
    byte[] kept = cache.read(key);
    if (kept != null) {
      return new Compiled(key, kept);
    }
    return new Compiled(key, compile(source, architecture, key, binary));
  }

  private byte[] compile(KernelSource source, String architecture, String key, boolean binary) {
    long start = System.nanoTime();
    byte[] image =
        nvrtc.compile(
            source.name(),
            source.text(),
            source.headers(),
            List.of("--gpu-architecture=" + architecture, "--std=c++17"),
            binary);
    LOG.info(
        "compiled {} for {} in {} ms",
        source.name(),
        architecture,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    cache.write(key, image);
    return image;
  }

  /** Compiles again what the driver did not take from the cache. */
  Compiled compileAgain(KernelSource source, int capability, Compiled refused) {
    cache.remove(refused.key());
    return compile(source, capability);
  }
}
