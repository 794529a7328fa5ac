package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is enqueued is done in order, later; graphs do it again. */
class StreamTest {
  private Bench bench;
  private Stream stream;
  private DeviceArena arena;
  private DeviceArena.Words x;
  private DeviceArena.Words y;

  @BeforeEach
  void open() throws InterruptedException {
    bench = Bench.open();
    stream = new Stream(bench.gpu());
    arena = new DeviceArena(bench.gpu().memory());
    x = arena.reserve(4);
    y = arena.reserve(4);
    arena.allocate();
  }

  @AfterEach
  void close() {
    if (bench != null) {
      stream.close();
      arena.close();
      bench.close();
    }
  }

  private float[] read(DeviceArena.Words words) {
    float[] values = new float[(int) words.count()];
    stream.read(words, 0, values);
    stream.synchronize();
    return values;
  }

  @Test
  void arraysAreCopiedWhenTheyAreWritten() {
    float[] values = {1, 2, 3, 4};
    stream.write(x, 0, values);
    values[0] = 5;
    stream.write(x, 2, new float[] {6});
    stream.write(x, 0, new float[0]);
    assertArrayEquals(new float[] {1, 2, 6, 4}, read(x));
  }

  @Test
  void whatIsReadArrivesWithSynchronize() {
    float[] values = {9, 9};
    int[] bits = new int[4];
    stream.fill(x, 1.5f);
    stream.read(x, 2, values);
    stream.read(x, bits);
    stream.read(x, 0, new float[0]);
    assertArrayEquals(new float[] {9, 9}, values);
    stream.fill(x, 2f); // after what is read
    stream.synchronize();
    assertArrayEquals(new float[] {1.5f, 1.5f}, values);
    assertEquals(Float.floatToRawIntBits(1.5f), bits[3]);
    values[0] = 7;
    stream.synchronize(); // nothing arrives twice
    assertEquals(7, values[0]);
  }

  @Test
  void muchAtOnceKeepsApart() throws InterruptedException {
    // Lengths below and above what memory for copies is taken by, and small ones between.
    int[] lengths = {900_000, 3, 900_000, 1_500_000, 5, 200_000};
    float[][] values = new float[lengths.length][];
    float[][] back = new float[lengths.length][];
    DeviceArena.Words[] words = new DeviceArena.Words[lengths.length];
    try (DeviceArena large = new DeviceArena(bench.gpu().memory())) {
      for (int i = 0; i < lengths.length; i++) {
        words[i] = large.reserve(lengths[i]);
        values[i] = new RandomArrays(i).normal(lengths[i], 0, 1);
        back[i] = new float[lengths[i]];
      }
      large.allocate();
      for (int time = 0; time < 2; time++) {
        for (int i = 0; i < lengths.length; i++) {
          values[i][0]++;
          stream.write(words[i], 0, values[i]);
        }
        for (int i = 0; i < lengths.length; i++) {
          stream.read(words[i], 0, back[i]);
        }
        stream.synchronize();
        for (int i = 0; i < lengths.length; i++) {
          assertArrayEquals(values[i], back[i]);
        }
      }
    }
  }

  /** As after a call that failed, when another thread makes the next. */
  @Test
  void whatOneThreadWroteAnotherWaitsFor() throws InterruptedException {
    try (DeviceArena large = new DeviceArena(bench.gpu().memory())) {
      DeviceArena.Words words = large.reserve(3 << 20);
      large.allocate();
      float[] back = new float[1];
      Thread other =
          new Thread(
              () -> {
                bench.gpu().enter();
                float[] values = new float[3 << 20];
                values[values.length - 1] = 7;
                stream.write(words, 0, values);
              });
      other.start();
      other.join();
      stream.read(words, words.count() - 1, back);
      stream.synchronize();
      assertEquals(7, back[0]);
    }
  }

  @Test
  void sixtyFourBitsGoThereAndBack() {
    stream.write(x, new long[] {Double.doubleToRawLongBits(Math.PI), -1});
    double[] values = new double[2];
    stream.read(x, values);
    stream.synchronize();
    assertEquals(Math.PI, values[0]);
    assertEquals(Double.NaN, values[1]);
  }

  @Test
  void copiesOnTheGpuAreInOrder() {
    stream.fill(x, 1);
    stream.fill(y, 2);
    stream.copy(y.address(1), x.address(), 2);
    stream.fill(x, 3);
    assertArrayEquals(new float[] {2, 1, 1, 2}, read(y));
  }

  /** x_0 ← 2 (x_0 - 1): the derivative of one MSE of one output whose target is 1. */
  private void derive(Kernel derivative) {
    derivative.launchBlocks(
        stream, 1, 1, 128, 0, x.address(), y.address(), y.address(), 1, 1, 1, 1, 1);
  }

  @Test
  void aGraphDoesItsWorkAgain() {
    stream.fill(x, 3);
    stream.write(y, 0, new int[4]); // label 0, smoothing 0
    Kernel derivative = bench.gpu().kernel("loss.cu", "loss_derivative"); // loads its module
    try (Graph graph = stream.record(() -> derive(derivative))) {
      assertArrayEquals(new float[] {3, 3, 3, 3}, read(x), "recorded, not done");
      graph.launch(stream);
      assertArrayEquals(new float[] {4, 3, 3, 3}, read(x)); // 2 (3 - 1)
      graph.launch(stream);
      graph.launch(stream);
      assertArrayEquals(new float[] {10, 3, 3, 3}, read(x)); // 2 (2 (4 - 1) - 1)
    }
  }

  @Test
  void aStreamCanBeUsedAfterARecordingThatFailed() {
    IllegalStateException failure = new IllegalStateException("in the middle");
    assertSame(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                stream.record(
                    () -> {
                      stream.fill(x, 1);
                      throw failure;
                    })));
    stream.fill(x, 2);
    assertArrayEquals(new float[] {2, 2, 2, 2}, read(x));
  }

  @Test
  void waitingWhileRecordingIsAFailureThatIsToldOf() {
    assertThrows(CudaException.class, () -> stream.record(stream::synchronize));
    stream.fill(x, 2);
    assertArrayEquals(new float[] {2, 2, 2, 2}, read(x));
  }

  @Test
  void aGraphThatCannotBeMadeLeavesNothing() {
    Emulator.fail("cuGraphInstantiateWithFlags", 0, 2);
    CudaException failure =
        assertThrows(CudaException.class, () -> stream.record(() -> stream.fill(x, 1)));
    assertEquals(CudaException.Kind.OUT_OF_MEMORY, failure.kind());
  }
}
