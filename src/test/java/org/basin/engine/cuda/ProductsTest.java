package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.basin.engine.cuda.Products.Matrices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Row-major products of batches, against three loops in double precision. */
class ProductsTest {
  private static final int BATCH = 3;

  private Gpu gpu;
  private Stream stream;

  @BeforeEach
  void open() {
    gpu = new Gpu(Bench.platform(), 0, EmulatedGpu.cache());
    stream = new Stream(gpu);
  }

  @AfterEach
  void close() {
    if (gpu != null) {
      stream.close();
      gpu.close();
      assertEquals(0, Emulator.allocated());
      assertEquals(0, Emulator.handles());
    }
  }

  /** Matrices with more room in a row, and between them, than they need. */
  private record Operand(int rows, int columns, int rowStride, int stride, float[] values) {
    static Operand of(int rows, int columns, boolean shared, long seed) {
      int rowStride = columns + 2;
      int stride = shared ? 0 : rows * rowStride + 5;
      return new Operand(
          rows,
          columns,
          rowStride,
          stride,
          new RandomArrays(seed).normal((BATCH - 1) * stride + rows * rowStride, 0, 1));
    }

    float at(boolean transposed, int batch, int i, int j) {
      int row = transposed ? j : i;
      int column = transposed ? i : j;
      return values[batch * stride + row * rowStride + column];
    }
  }

  @ParameterizedTest
  @CsvSource({
    "false,false,7,5,3,false,false,false",
    "true,false,7,5,3,true,false,false",
    "false,true,7,5,3,false,true,false",
    "true,true,7,5,3,true,false,true",
    "false,false,1,9,4,false,false,true",
    "false,false,9,1,1,true,true,false",
    "true,false,33,17,40,false,false,false",
    "false,true,17,33,64,true,false,true"
  })
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      boolean add,
      boolean sharedA,
      boolean sharedB)
      throws InterruptedException {
    Operand a = Operand.of(transposeA ? k : m, transposeA ? m : k, sharedA, 1);
    Operand b = Operand.of(transposeB ? n : k, transposeB ? k : n, sharedB, 2);
    Operand c = Operand.of(m, n, false, 3);
    float[] expected = c.values().clone();
    for (int batch = 0; batch < BATCH; batch++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          int at = batch * c.stride() + i * c.rowStride() + j;
          double sum = add ? expected[at] : 0;
          for (int l = 0; l < k; l++) {
            sum += (double) a.at(transposeA, batch, i, l) * b.at(transposeB, batch, l, j);
          }
          expected[at] = (float) sum;
          if (!add) {
            c.values()[at] = Float.NaN; // not multiplied by zero, but overwritten
          }
        }
      }
    }
    try (DeviceArena arena = new DeviceArena(gpu.memory())) {
      DeviceArena.Words workspace = arena.reserve(Products.WORKSPACE_BYTES / 4);
      DeviceArena.Words onA = arena.reserve(a.values().length);
      DeviceArena.Words onB = arena.reserve(b.values().length);
      DeviceArena.Words onC = arena.reserve(c.values().length);
      arena.allocate();
      stream.write(onA, 0, a.values());
      stream.write(onB, 0, b.values());
      stream.write(onC, 0, c.values());
      try (Products products = new Products(gpu, stream, workspace, add)) {
        products.multiply(
            transposeA,
            transposeB,
            m,
            n,
            k,
            new Matrices(onA.address(), a.rowStride(), a.stride()),
            new Matrices(onB.address(), b.rowStride(), b.stride()),
            add,
            new Matrices(onC.address(), c.rowStride(), c.stride()),
            BATCH);
        stream.read(onC, 0, c.values());
        stream.synchronize();
      }
    }
    Bench.assertClose(expected, c.values(), 1e-6, 1e-6 * k);
  }
}
