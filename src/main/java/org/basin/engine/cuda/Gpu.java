package org.basin.engine.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
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

  /** Less free memory than this is none: libraries take it in blocks. */
  private static final long NO_MEMORY = 64L << 20;

  private record Key(CudaPlatform platform, int ordinal) {}

  private final CudaPlatform platform;
  private final GpuDescription description;
  private final KernelCompiler compiler;
  private final int device;
  private final long context;
  private final GpuMemory memory;
  private final Map<String, Long> modules = new HashMap<>(); // by the source's name
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>(); // by source and name

  private final Deque<Long> idleProducts = new ArrayDeque<>();
  private final Deque<MemorySegment> idleStaging = new ConcurrentLinkedDeque<>();
  private final ReentrantLock whole = new ReentrantLock();
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
    memory = new GpuMemory(platform.driver(), whole, description.memory());
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
  long takeProducts() {
    return alone(
        () -> {
          if (!idleProducts.isEmpty()) {
            return idleProducts.pop();
          }
          try {
            return cublas().create();
          } catch (CudaException failure) {
            throw cause(failure);
          }
        });
  }

  /** Ends what {@link #takeProducts} began. */
  void giveBackProducts(long handle) {
    alone(
        () -> {
          idleProducts.push(handle);
          return handle;
        });
  }

  /**
   * {@link StagingMemory#BLOCK} bytes of page-locked memory; {@link #giveBackStaging} when no copy
   * passes through it any more. Kept, as handles are and for the same reason.
   */
  MemorySegment takeStaging() {
    MemorySegment idle = idleStaging.poll();
    return idle != null ? idle : driver().allocateHost(StagingMemory.BLOCK);
  }

  /** Ends what {@link #takeStaging} began. */
  void giveBackStaging(MemorySegment block) {
    idleStaging.push(block);
  }

  /**
   * Does what concerns the GPU as a whole, one thread at a time: a stream that is being recorded
   * breaks when another thread waits for everything on the GPU, as cuBLAS does for its handles.
   */
  <T> T alone(Supplier<T> work) {
    whole.lock();
    try {
      return work.get();
    } finally {
      whole.unlock();
    }
  }

  /**
   * What made cuBLAS fail: a GPU that is lost, or memory that ran out, it tells of by statuses that
   * may mean anything.
   */
  CudaException cause(CudaException failure) {
    if (failure.kind() != CudaException.Kind.OTHER) {
      return failure;
    }
    try {
      return driver().freeMemory() < NO_MEMORY
          ? new CudaException(CudaException.Kind.OUT_OF_MEMORY, failure.getMessage())
          : failure;
    } catch (CudaException lost) {
      lost.addSuppressed(failure);
      return lost;
    }
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
  Kernel kernel(String source, String name) {
    String key = source + ":" + name;
    Kernel known = kernels.get(key); // without the lock, which who records a graph holds for long
    return known != null
        ? known
        : alone(() -> kernels.computeIfAbsent(key, _ -> load(source, name)));
  }

  private Kernel load(String source, String name) {
    long module = modules.computeIfAbsent(source, this::load);
    return new Kernel(driver(), name, driver().function(module, name));
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

  /** What to tell the user of a call that failed, in one line. */
  RuntimeException told(CudaException failure) {
    LOG.debug("{} (cuda:{})", description, description.ordinal(), failure);
    String name = "%s (cuda:%d)".formatted(description, description.ordinal());
    // A compiler's first complaint stands behind the line that says it has some.
    String what =
        failure.getMessage().lines().limit(2).map(String::strip).collect(Collectors.joining(": "));
    return switch (failure.kind()) {
      case OUT_OF_MEMORY ->
          new InvalidInputException(
              "%s has too little memory: %s; start fewer at once (--workers)"
                  .formatted(name, what));
      case LOST ->
          new EngineLostException(
              "%s is lost: %s; see what nvidia-smi and the system's log say of it, or choose another with --device"
                  .formatted(name, what),
              failure);
      case OTHER ->
          new EngineLostException(
              "%s cannot be computed on: %s; see with basin doctor whether its driver and its libraries are of one CUDA version, or take engine cpu"
                  .formatted(name, what),
              failure);
    };
  }

  /** Ends one user's use. */
  @Override
  public void close() {
    synchronized (SHARED) { // who takes it into use next finds its memory free
      users--;
      if (users == 0) {
        SHARED.remove(new Key(platform, description.ordinal()), this);
        release();
      }
    }
  }

  private void release() {
    try {
      enter();
      idleProducts.forEach(cublas()::destroy);
      modules.values().forEach(driver()::unloadModule);
      memory.close();
      idleStaging.forEach(driver()::freeHost);
      driver().releaseContext(device);
    } catch (CudaException failure) {
      // A GPU that is lost refuses this too, and its context goes with the process.
      LOG.debug("{} is not given back: {}", description, failure.getMessage());
    }
  }
}
