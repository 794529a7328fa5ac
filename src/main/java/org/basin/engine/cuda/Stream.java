package org.basin.engine.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A queue of work on a GPU: what is enqueued is done in order, after the call has returned. For one
 * thread at a time.
 *
 * <p>Host arrays are copied into memory of the stream's own, which stays until {@link
 * #synchronize}.
 */
final class Stream implements AutoCloseable {
  private final Gpu gpu;
  private final CudaDriver driver;
  private final long handle;
  private final StagingMemory staging;
  private final List<Runnable> arriving = new ArrayList<>();

  /** A stream on the calling thread's GPU. */
  Stream(Gpu gpu) {
    this.gpu = gpu;
    driver = gpu.driver();
    staging = new StagingMemory(gpu);
    handle = driver.createStream();
  }

  /** The driver's handle. */
  long handle() {
    return handle;
  }

  /** Enqueues a copy to the GPU. */
  void write(DeviceArena.Words to, long at, float[] from) {
    copy(to.address(at), MemorySegment.ofArray(from));
  }

  /** Enqueues a copy to the GPU of {@code count} values from {@code first} on. */
  void write(DeviceArena.Words to, long at, float[] from, int first, int count) {
    copy(to.address(at), part(from, first, count));
  }

  private static MemorySegment part(float[] of, int first, int count) {
    return MemorySegment.ofArray(of)
        .asSlice((long) first * Float.BYTES, (long) count * Float.BYTES);
  }

  /** Enqueues a copy to the GPU. */
  void write(DeviceArena.Words to, long at, int[] from) {
    copy(to.address(at), MemorySegment.ofArray(from));
  }

  /** Enqueues a copy to the GPU, of doubles, to the word {@code at} and those behind. */
  void write(DeviceArena.Words to, long at, double[] from) {
    copy(to.address(at), MemorySegment.ofArray(from));
  }

  /** Enqueues a copy to the GPU. */
  void write(DeviceArena.Words to, long[] from) {
    copy(to.address(), MemorySegment.ofArray(from));
  }

  private void copy(long to, MemorySegment from) {
    if (from.byteSize() == 0) {
      return;
    }
    MemorySegment staged = staging.take(from.byteSize()).copyFrom(from);
    driver.copyToDevice(to, staged, staged.byteSize(), handle);
  }

  /** Enqueues a copy from the GPU; {@code to} holds it after {@link #synchronize}. */
  void read(DeviceArena.Words from, long at, float[] to) {
    read(from.address(at), MemorySegment.ofArray(to));
  }

  /**
   * Enqueues a copy from the GPU of {@code count} values; {@code to} holds them from {@code first}
   * on after {@link #synchronize}.
   */
  void read(DeviceArena.Words from, float[] to, int first, int count) {
    read(from.address(), part(to, first, count));
  }

  /** Enqueues a copy from the GPU, of doubles; {@code to} holds it after {@link #synchronize}. */
  void read(DeviceArena.Words from, double[] to) {
    read(from.address(), MemorySegment.ofArray(to));
  }

  /** The same from the word {@code at} on. */
  void read(DeviceArena.Words from, long at, double[] to) {
    read(from.address(at), MemorySegment.ofArray(to));
  }

  /** Enqueues a copy from the GPU; {@code to} holds it after {@link #synchronize}. */
  void read(DeviceArena.Words from, int[] to) {
    read(from.address(), MemorySegment.ofArray(to));
  }

  private void read(long from, MemorySegment to) {
    if (to.byteSize() == 0) {
      return;
    }
    MemorySegment staged = staging.take(to.byteSize());
    driver.copyToHost(staged, from, to.byteSize(), handle);
    arriving.add(() -> to.copyFrom(staged));
  }

  /** Enqueues a copy on the GPU of {@code count} words. */
  void copy(long to, long from, long count) {
    driver.copyOnDevice(to, from, 4 * count, handle);
  }

  /** Enqueues that all words of {@code of} become {@code value}. */
  void fill(DeviceArena.Words of, float value) {
    driver.fill(of.address(), Float.floatToRawIntBits(value), of.count(), handle);
  }

  /** Waits until all that was enqueued is done, and what was read has arrived. */
  void synchronize() {
    driver.synchronize(handle);
    arriving.forEach(Runnable::run);
    arriving.clear();
    staging.release();
  }

  /** Records what {@code work} enqueues, instead of doing it. */
  Graph record(Runnable work) {
    return gpu.alone(() -> recordAlone(work));
  }

  private Graph recordAlone(Runnable work) {
    driver.beginCapture(handle);
    long graph;
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      try {
        driver.destroyGraph(driver.endCapture(handle));
      } catch (CudaException broken) {
        failure.addSuppressed(broken);
      }
      throw failure;
    }
    graph = driver.endCapture(handle);
    try {
      return new Graph(driver, driver.instantiate(graph));
    } finally {
      driver.destroyGraph(graph);
    }
  }

  @Override
  public void close() {
    try {
      driver.synchronize(handle); // nothing may be copied into what is freed now
    } finally {
      try {
        staging.close();
      } finally {
        driver.destroyStream(handle);
      }
    }
  }
}
