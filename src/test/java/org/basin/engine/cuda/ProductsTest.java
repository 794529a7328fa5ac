package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.basin.engine.cuda.Products.Lanes;
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

  /** How far apart matrices of networks and of their lanes are. */
  enum Layout {
    EVEN,
    /** With more room between lanes than between networks. */
    APART,
    /** A network has one for all of its lanes. */
    ONE_A_NETWORK,
    ONE
  }

  /** Matrices with more room in a row, and between them, than they need. */
  private record Operand(
      int rows, int columns, int rowStride, int network, int lane, float[] values) {
    static Operand of(
        int rows, int columns, int networks, int lanes, Layout layout, RandomArrays random) {
      int rowStride = columns + 2;
      int network = layout == Layout.ONE ? 0 : rows * rowStride + 5;
      int lane =
          switch (layout) {
            case EVEN -> networks * network;
            case APART -> networks * network + 3;
            case ONE_A_NETWORK, ONE -> 0;
          };
      int count = (lanes - 1) * lane + (networks - 1) * network + rows * rowStride;
      return new Operand(rows, columns, rowStride, network, lane, random.normal(count, 0, 1));
    }

    int index(int network, int lane, int i, int j) {
      return lane * this.lane + network * this.network + i * rowStride + j;
    }

    float at(boolean transposed, int network, int lane, int i, int j) {
      return values[transposed ? index(network, lane, j, i) : index(network, lane, i, j)];
    }

    /** Of one lane, a network behind the other. */
    Matrices matrices(DeviceArena.Words words) {
      return new Matrices(words.address(), rowStride, network);
    }

    Lanes lanes(DeviceArena.Words words) {
      return new Lanes(words.address(), rowStride, network, lane);
    }
  }

  /** Factors and the sum, or what the product replaces. */
  private record Product(
      boolean transposeA, boolean transposeB, boolean add, Operand a, Operand b, Operand c) {
    int terms() {
      return transposeA ? a.rows() : a.columns();
    }

    /** What c becomes; where nothing is added, c is NaN before, which must be overwritten. */
    float[] expected(int networks, int lanes) {
      float[] expected = c.values().clone();
      for (int item = 0; item < networks * lanes; item++) {
        int network = item % networks;
        int lane = item / networks;
        for (int i = 0; i < c.rows(); i++) {
          for (int j = 0; j < c.columns(); j++) {
            int at = c.index(network, lane, i, j);
            double sum = add ? expected[at] : 0;
            for (int l = 0; l < terms(); l++) {
              sum +=
                  (double) a.at(transposeA, network, lane, i, l)
                      * b.at(transposeB, network, lane, l, j);
            }
            expected[at] = (float) sum;
            if (!add) {
              c.values()[at] = Float.NaN;
            }
          }
        }
      }
      return expected;
    }
  }

  /** Multiplies what is on the GPU. */
  @FunctionalInterface
  private interface Multiplication {
    void enqueue(Products products, DeviceArena.Words a, DeviceArena.Words b, DeviceArena.Words c);
  }

  private void assertMultiplies(
      Product product, int networks, int lanes, Multiplication multiplication)
      throws InterruptedException {
    float[] expected = product.expected(networks, lanes);
    float[] actual = product.c().values();
    try (DeviceArena arena = new DeviceArena(gpu.memory())) {
      DeviceArena.Words workspace = arena.reserve(Products.WORKSPACE_BYTES / 4);
      DeviceArena.Words onA = arena.reserve(product.a().values().length);
      DeviceArena.Words onB = arena.reserve(product.b().values().length);
      DeviceArena.Words onC = arena.reserve(actual.length);
      arena.allocate();
      stream.write(onA, 0, product.a().values());
      stream.write(onB, 0, product.b().values());
      stream.write(onC, 0, actual);
      try (Products products = new Products(gpu, stream, workspace, product.add())) {
        multiplication.enqueue(products, onA, onB, onC);
        stream.read(onC, 0, actual);
        stream.synchronize();
      }
    }
    Bench.assertClose(expected, actual, 1e-6, 1e-6 * product.terms());
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
    RandomArrays random = new RandomArrays(1);
    Product product =
        new Product(
            transposeA,
            transposeB,
            add,
            Operand.of(
                transposeA ? k : m,
                transposeA ? m : k,
                BATCH,
                1,
                sharedA ? Layout.ONE : Layout.EVEN,
                random),
            Operand.of(
                transposeB ? n : k,
                transposeB ? k : n,
                BATCH,
                1,
                sharedB ? Layout.ONE : Layout.EVEN,
                random),
            Operand.of(m, n, BATCH, 1, Layout.EVEN, random));
    assertMultiplies(
        product,
        BATCH,
        1,
        (products, a, b, c) ->
            products.multiply(
                transposeA,
                transposeB,
                m,
                n,
                k,
                product.a().matrices(a),
                product.b().matrices(b),
                add,
                product.c().matrices(c),
                BATCH));
  }

  /** One call where all matrices are evenly apart, otherwise one a lane or a network. */
  @ParameterizedTest
  @CsvSource({
    "1,5,ONE_A_NETWORK,EVEN,EVEN,1",
    "1,5,EVEN,APART,APART,1",
    "4,1,ONE_A_NETWORK,EVEN,APART,1",
    "4,1,ONE,APART,EVEN,1",
    "3,4,EVEN,EVEN,EVEN,1",
    "3,4,ONE,EVEN,EVEN,1",
    "3,4,EVEN,ONE,EVEN,1",
    "3,4,ONE_A_NETWORK,EVEN,EVEN,3",
    "3,4,EVEN,ONE_A_NETWORK,EVEN,3",
    "3,4,ONE,ONE_A_NETWORK,EVEN,3",
    "3,4,ONE_A_NETWORK,ONE_A_NETWORK,EVEN,3",
    "3,4,EVEN,EVEN,APART,3",
    "5,2,ONE_A_NETWORK,EVEN,EVEN,2",
    "5,2,EVEN,ONE_A_NETWORK,APART,2"
  })
  void multiplyLanes(
      int networks, int lanes, Layout layoutA, Layout layoutB, Layout layoutC, int calls)
      throws InterruptedException {
    ObjectiveBatch batch = new ObjectiveBatch(7, networks, lanes);
    RandomArrays random = new RandomArrays(2);
    int m = 4;
    int n = 3;
    int k = 5;
    for (int flags = 0; flags < 8; flags++) {
      boolean transposeA = (flags & 1) != 0;
      boolean transposeB = (flags & 2) != 0;
      boolean add = (flags & 4) != 0;
      Product product =
          new Product(
              transposeA,
              transposeB,
              add,
              Operand.of(transposeA ? k : m, transposeA ? m : k, networks, lanes, layoutA, random),
              Operand.of(transposeB ? n : k, transposeB ? k : n, networks, lanes, layoutB, random),
              Operand.of(m, n, networks, lanes, layoutC, random));
      long before = Emulator.launches("cublasSgemm");
      assertMultiplies(
          product,
          networks,
          lanes,
          (products, a, b, c) ->
              products.multiply(
                  transposeA,
                  transposeB,
                  m,
                  n,
                  k,
                  product.a().lanes(a),
                  product.b().lanes(b),
                  add,
                  product.c().lanes(c),
                  batch));
      assertEquals(calls, Emulator.launches("cublasSgemm") - before);
    }
  }
}
