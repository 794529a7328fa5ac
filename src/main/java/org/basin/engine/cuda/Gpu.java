package org.basin.engine.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.basin.train.EngineLostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A GPU in use: its context, its kernels, and what of its memory is taken.
 *
 * <p>Safe to use from several threads; each calls {@link #enter} before anything else.
 */
final class Gpu implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gpu.class);

  /** GPUs that several users of this process share, so that they have one account of memory. */
  private static final Map<Key, Gpu> SHARED = new HashMap<>();

  private record Key(CudaPlatform platform, int ordinal) {}

  private final CudaPlatform platform;
  private final GpuDescription description;
  private final KernelCompiler compiler;
  private final int device;
  private final long context;
  private final GpuMemory memory;
  private final Map<String, Long> modules = new HashMap<>(); // by the source's name
  private final Map<String, Kernel> kernels = new HashMap<>(); // by source and name

  private final Deque<Long> idleProducts = new ArrayDeque<>();
  private int users = 1;

  /** Takes a GPU into use, together with others of this process that do so. */
  static Gpu shared(CudaPlatform platform, int ordinal, KernelCache cache) {
    synchronized (SHARED) {
      Key key = new Key(platform, ordinal);
      Gpu gpu = SHARED.get(key);
      if (gpu == null) {
        gpu = new Gpu(platform, ordinal, cache);
        SHARED.put(key, gpu);
      } else {
        gpu.users++;
      }
      return gpu;
    }
  }

  /** Takes a GPU into use, alone. */
  Gpu(CudaPlatform platform, int ordinal, KernelCache cache) {
    this.platform = platform;
    description = platform.gpus().get(ordinal);
    compiler = new KernelCompiler(platform.nvrtc(), cache);
    device = platform.driver().device(ordinal);
    context = platform.driver().retainContext(device);
    enter();
    memory = new GpuMemory(platform.driver());
  }

  /** Makes this the calling thread's GPU. */
  void enter() {
    platform.driver().setContext(context);
  }

  CudaDriver driver() {
    return platform.driver();
  }

  Cublas cublas() {
    return platform.cublas();
  }

  /**
   * A handle of cuBLAS for the calling thread; {@link #giveBackProducts} when it is done. Handles
   * are kept, since making and freeing one waits for everything on the GPU.
   */
  synchronized long takeProducts() {
    return idleProducts.isEmpty() ? cublas().create() : idleProducts.pop();
  }

  /** Ends what {@link #takeProducts} began. */
  synchronized void giveBackProducts(long handle) {
    idleProducts.push(handle);
  }

  GpuDescription description() {
    return description;
  }

  GpuMemory memory() {
    return memory;
  }

  /**
   * A kernel, compiled and loaded on first use.
   *
   * @param source file that it stands in, e.g. {@code loss.cu}
   * @param name its own
   */
  synchronized Kernel kernel(String source, String name) {
    return kernels.computeIfAbsent(
        source + ":" + name,
        key -> {
          long module = modules.computeIfAbsent(source, this::load);
          return new Kernel(driver(), name, driver().function(module, name));
        });
  }

  private long load(String source) {
    KernelSource text = KernelSource.of(source);
    KernelCompiler.Compiled compiled = compiler.compile(text, description.capability());
    try {
      return driver().loadModule(compiled.image());
    } catch (CudaException refused) {
      if (refused.kind() != CudaException.Kind.OTHER) {
        throw refused;
      }
      // A cache may hold anything.
      compiled = compiler.compileAgain(text, description.capability(), compiled);
      return driver().loadModule(compiled.image());
    }
  }

  /** What to tell when a call found that the GPU is gone. */
  EngineLostException lost(CudaException failure) {
    return new EngineLostException(
        "%s (cuda:%d) is lost: %s; see what nvidia-smi and the system's log say of it, or choose another with --device"
            .formatted(description, description.ordinal(), failure.getMessage()),
        failure);
  }

  /** Ends one user's use. */
  @Override
  public void close() {
    synchronized (SHARED) {
      users--;
      if (users > 0) {
        return;
      }
      SHARED.remove(new Key(platform, description.ordinal()), this);
    }
    try {
      enter();
      idleProducts.forEach(cublas()::destroy);
      modules.values().forEach(driver()::unloadModule);
      driver().releaseContext(device);
    } catch (CudaException failure) {
      // A GPU that is lost refuses this too, and its context goes with the process.
      LOG.debug("{} is not given back: {}", description, failure.getMessage());
    }
  }
}
