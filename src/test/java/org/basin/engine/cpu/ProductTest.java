package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products in parts against plain loops in double precision. */
class ProductTest {

  private static float[] drawn(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static Stream<Arguments> cuts() {
    return Stream.of(
        Arguments.of("rows, one panel", Product.Cut.rows(30), 30, 9, 17, 1),
        Arguments.of("rows, two uneven panels", Product.Cut.rows(531), 531, 9, 17, 2),
        Arguments.of("rows, most panels", Product.Cut.rows(3001), 3001, 3, 5, 8),
        Arguments.of("columns, three panels", Product.Cut.columns(790), 13, 790, 20, 3),
        Arguments.of("small parts", Product.Cut.outerProduct(65, 64), 65, 64, 40, 4),
        Arguments.of("small parts, many", Product.Cut.outerProduct(700, 10), 700, 10, 40, 6),
        Arguments.of("too many small parts", Product.Cut.outerProduct(129, 64), 129, 64, 40, 1),
        Arguments.of("small parts, too shallow", Product.Cut.outerProduct(65, 64), 65, 64, 12, 4),
        Arguments.of(
            "as many columns as need panels", Product.Cut.outerProduct(9, 600), 9, 600, 40, 2));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cuts")
  void partsMakeTheWhole(String name, Product.Cut cut, int m, int n, int k, int parts) {
    assertEquals(parts, cut.parts());
    SplittableRandom random = new SplittableRandom(1);
    float[] a = drawn(m * k, random);
    float[] b = drawn(k * n, random);
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        float[] alone = product(1, cut, transposeA, a, transposeB, b, m, n, k);
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++) {
              sum +=
                  (double) a[transposeA ? l * m + i : i * k + l]
                      * b[transposeB ? j * k + l : l * n + j];
            }
            assertEquals(sum, alone[i * n + j], 1e-4, "C[" + i + ", " + j + "]");
          }
        }
        assertArrayEquals(alone, product(4, cut, transposeA, a, transposeB, b, m, n, k));
      }
    }
  }

  private static float[] product(
      int cores,
      Product.Cut cut,
      boolean transposeA,
      float[] a,
      boolean transposeB,
      float[] b,
      int m,
      int n,
      int k) {
    float[] c = new float[m * n];
    try (Crew crew = new Crew(cores)) {
      Product product =
          new Product(
              crew,
              cut,
              transposeA,
              MemorySegment.ofArray(a),
              transposeB,
              MemorySegment.ofArray(b),
              MemorySegment.ofArray(c));
      product.shape(m, n, k, transposeA ? m : k, transposeB ? k : n, n);
      product.run();
    }
    return c;
  }
}
