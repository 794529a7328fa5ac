package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An emulated GPU, and Java arrays that are on it while kernels work: arrays go there when their
 * address is asked for, and are overwritten with what is there when the work is done.
 */
final class Bench implements AutoCloseable {
  private final Gpu gpu;
  private final Stream stream;
  private final IdentityHashMap<Object, DeviceArena.Words> arrays = new IdentityHashMap<>();
  private final List<DeviceArena> arenas = new ArrayList<>();

  /** Work that is enqueued. */
  @FunctionalInterface
  interface Work {
    void enqueue();
  }

  private Bench(CudaPlatform platform, KernelCache cache) {
    gpu = new Gpu(platform, 0, cache);
    stream = new Stream(gpu);
  }

  /** The machine's emulated CUDA; skips the test aloud where there is none. */
  static CudaPlatform platform() {
    EmulatedGpu.require();
    CudaPlatform.Search search = EmulatedGpu.search();
    return Objects.requireNonNull(search.platform(), search.problem());
  }

  /** A bench; skips the test aloud where there is no emulator. */
  static Bench open() {
    return new Bench(platform(), EmulatedGpu.cache());
  }

  Gpu gpu() {
    return gpu;
  }

  /** Launches one thread an element, 256 a block. */
  void launch(String source, String kernel, long elements, int replicas, Object... arguments) {
    gpu.kernel(source, kernel).launch(stream, elements, replicas, 256, arguments);
  }

  /** Launches blocks. */
  void launchBlocks(
      String source, String kernel, int blocks, int replicas, int block, Object... arguments) {
    gpu.kernel(source, kernel).launchBlocks(stream, blocks, replicas, block, 0, arguments);
  }

  /** Launches a block a replica, each with dynamic shared memory. */
  void launchWithMemory(
      String source, String kernel, int replicas, int block, int sharedBytes, Object... arguments) {
    Kernel launched = gpu.kernel(source, kernel);
    launched.allowSharedMemory(sharedBytes);
    launched.launchBlocks(stream, 1, replicas, block, sharedBytes, arguments);
  }

  /** Address of an array of floats, ints, doubles or longs on the GPU; 0 of null. */
  long on(@Nullable Object array) {
    if (array == null) {
      return 0;
    }
    return arrays.computeIfAbsent(array, this::upload).address();
  }

  /** Address of the addresses of arrays on the GPU. */
  long onEach(Object[] ofReplicas) {
    return on(Arrays.stream(ofReplicas).mapToLong(this::on).toArray());
  }

  private DeviceArena.Words upload(Object array) {
    DeviceArena arena = new DeviceArena(gpu.memory());
    DeviceArena.Words words =
        switch (array) {
          case float[] values -> arena.reserve(values.length);
          case int[] values -> arena.reserve(values.length);
          case double[] values -> arena.reserveDoubles(values.length);
          case long[] values -> arena.reserveDoubles(values.length);
          default -> throw new IllegalArgumentException(array.getClass().toString());
        };
    arenas.add(arena);
    try {
      arena.allocate();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    switch (array) {
      case float[] values -> stream.write(words, 0, values);
      case int[] values -> stream.write(words, 0, values);
      case long[] values -> stream.write(words, values);
      case double[] values ->
          stream.write(
              words, Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray());
      default -> throw new IllegalArgumentException();
    }
    return words;
  }

  private void run(Work work) {
    work.enqueue();
    arrays.forEach(
        (array, words) -> {
          switch (array) {
            case float[] values -> stream.read(words, 0, values);
            case int[] values -> stream.read(words, values);
            case double[] values -> stream.read(words, values);
            default -> {} // addresses
          }
        });
    stream.synchronize();
    arrays.clear();
    arenas.forEach(DeviceArena::close);
    arenas.clear();
  }

  /**
   * Does the work with the threads of blocks, and the blocks, in several orders: forward, backward,
   * and shuffled. What the arrays hold afterwards must not depend on it, not in one bit.
   *
   * @param written what the work changes; each is as it was before every time
   */
  void runInEveryOrder(Work work, Object... written) {
    Object[] before = copies(written);
    Object[] first = null;
    for (Emulator.Order order : Emulator.Order.values()) {
      for (int i = 0; i < written.length; i++) {
        System.arraycopy(before[i], 0, written[i], 0, Array.getLength(before[i]));
      }
      Emulator.setOrder(order, 17);
      run(work);
      if (first == null) {
        first = copies(written);
      }
      for (int i = 0; i < written.length; i++) {
        assertSameBits(first[i], written[i], order.toString());
      }
    }
    Emulator.setOrder(Emulator.Order.FORWARD, 0);
  }

  private static Object[] copies(Object[] arrays) {
    return Arrays.stream(arrays)
        .map(
            array ->
                switch (array) {
                  case float[] values -> values.clone();
                  case int[] values -> values.clone();
                  case double[] values -> values.clone();
                  default -> throw new IllegalArgumentException();
                })
        .toArray();
  }

  private static long[] bits(Object array) {
    return switch (array) {
      case int[] values -> Arrays.stream(values).asLongStream().toArray();
      case double[] values ->
          Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
      case float[] values -> {
        long[] bits = new long[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        yield bits;
      }
      default -> throw new IllegalArgumentException();
    };
  }

  private static void assertSameBits(Object expected, Object actual, String order) {
    assertArrayEquals(bits(expected), bits(actual), order);
  }

  /** Every value is the expected one, NaN where that is NaN, but for a relative rounding. */
  static void assertClose(float[] expected, float[] actual, double relative, double absolute) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      float e = expected[i];
      float a = actual[i];
      boolean same =
          Float.compare(e, a) == 0
              || e == a
              || Math.abs((double) e - a) <= relative * Math.abs((double) e) + absolute;
      int at = i;
      assertTrue(same, () -> "value %d: expected %s, found %s".formatted(at, e, a));
    }
  }

  /** Items have NaN, each at least one, where they are of one network; the others have none. */
  static void assertNanOf(int network, int networks, int items, float[] values) {
    int block = values.length / items;
    boolean[] expected = new boolean[items];
    boolean[] found = new boolean[items];
    for (int i = 0; i < items; i++) {
      expected[i] = i % networks == network;
    }
    for (int i = 0; i < values.length; i++) {
      found[i / block] |= Float.isNaN(values[i]);
    }
    assertArrayEquals(expected, found);
  }

  /**
   * Every value behind the first {@code width} of a row, or behind the first {@code rows} of an
   * item, is as it was, in every bit.
   */
  static void assertPaddingKept(
      float[] before, float[] after, int rows, int capacity, int width, int stride) {
    assertEquals(before.length, after.length);
    for (int i = 0; i < before.length; i++) {
      if (i % stride >= width || i / stride % capacity >= rows) {
        int at = i;
        assertEquals(
            Float.floatToRawIntBits(before[i]),
            Float.floatToRawIntBits(after[i]),
            () -> "padding at " + at);
      }
    }
  }

  @Override
  public void close() {
    stream.close();
    arenas.forEach(DeviceArena::close);
    gpu.close();
    assertEquals(0, Emulator.allocated(), "bytes that nobody freed");
    assertEquals(0, Emulator.handles(), "handles that nobody destroyed");
  }
}
