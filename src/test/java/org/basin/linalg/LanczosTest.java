package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class LanczosTest {

  private static Eigenpairs find(SymmetricOperator operator, int largest, int smallest) {
    return Lanczos.eigenpairs(
        operator, Lanczos.Options.of(largest, smallest), new SplittableRandom(7));
  }

  /** Each value right to 1e-4 and within its stated error, each vector of norm 1, each residual. */
  private static void check(
      SymmetricOperator operator, double[] ascending, Eigenpairs pairs, int largest, int smallest) {
    assertTrue(pairs.converged());
    assertTrue(pairs.multiplicitiesChecked());
    double norm = Math.max(Math.abs(ascending[0]), Math.abs(ascending[ascending.length - 1]));
    assertEquals(norm, pairs.norm(), 1e-4 * norm);
    check(operator, Spectra.top(ascending, largest), norm, pairs.largest());
    check(operator, Arrays.copyOf(ascending, smallest), norm, pairs.smallest());
  }

  private static void check(
      SymmetricOperator operator, double[] expected, double norm, List<Eigenpair> pairs) {
    assertEquals(expected.length, pairs.size());
    int n = operator.size();
    for (int i = 0; i < expected.length; i++) {
      Eigenpair pair = pairs.get(i);
      double value = pair.value();
      assertEquals(expected[i], value, 1e-4 * Math.abs(expected[i]) + 1e-6 * norm, "value " + i);
      double error = Math.abs(expected[i] - value);
      double stated = pair.residualError() + 4 * pair.rounding();
      assertTrue(error <= stated, i + ": " + error + " where " + stated + " is stated");
      float[] product = new float[n];
      operator.apply(pair.vector(), 1, product);
      double square = 0;
      double residual = 0;
      for (int j = 0; j < n; j++) {
        square += (double) pair.vector()[j] * pair.vector()[j];
        double rest = product[j] - value * pair.vector()[j];
        residual += rest * rest;
      }
      assertEquals(1, square, 1e-6);
      assertEquals(Math.sqrt(residual), pair.residual(), 1e-6 * norm);
      assertTrue(pair.residual() <= Math.max(1e-4 * Math.abs(value), 2e-6 * norm));
      for (Eigenpair other : pairs.subList(0, i)) {
        double inner = 0;
        for (int j = 0; j < n; j++) {
          inner += (double) pair.vector()[j] * other.vector()[j];
        }
        assertEquals(0, inner, 1e-3);
      }
    }
  }

  @Test
  void outliersAndNegativePart() {
    double[] spectrum = Spectra.network(512, 1);
    PlantedOperator operator = new PlantedOperator(spectrum, 2);
    Eigenpairs pairs = find(operator, 10, 5);
    check(operator, spectrum, pairs, 10, 5);
    assertFalse(pairs.exact());
  }

  @Test
  void aSpaceHasTheSamePairsForFewerProducts() {
    double[] spectrum = Spectra.network(1024, 3);
    PlantedOperator operator = new PlantedOperator(spectrum, 4);
    KrylovSpace space =
        Lanczos.space(operator, Lanczos.Options.of(10, 3), 0, new SplittableRandom(7));
    Eigenpairs searched = find(operator, 10, 3);
    Eigenpairs pairs = space.pairs();
    assertTrue(pairs.converged());
    assertFalse(pairs.multiplicitiesChecked());
    assertTrue(pairs.products() < 0.7 * searched.products(), "products " + pairs.products());
    assertEquals(pairs.products(), space.steps() + 13);
    check(operator, Spectra.top(spectrum, 10), spectrum[1023], pairs.largest());
    check(operator, Arrays.copyOf(spectrum, 3), spectrum[1023], pairs.smallest());
    float[][] basis = vectors(space.basis());
    for (int i = 0; i < basis.length; i++) {
      float[] product = new float[1024];
      operator.apply(basis[i], 1, product);
      double inner = 0;
      for (int j = 0; j < 1024; j++) {
        inner += (double) basis[i][j] * product[j];
      }
      assertEquals(inner, space.inner()[i], 1e-5, "vector " + i);
    }
    space.close();
  }

  private static float[][] vectors(KrylovSequences basis) {
    double[][] units = new double[basis.dimension(0)][basis.dimension(0)];
    for (int i = 0; i < units.length; i++) {
      units[i][i] = 1;
    }
    return basis.combinations(0, units);
  }

  @Test
  void theSpaceOfASmallMatrixHoldsEachPairOnce() {
    KrylovSpace space =
        Lanczos.space(
            DenseOperator.diagonal(1, 2, 3), Lanczos.Options.of(2, 2), 0, new SplittableRandom(1));
    assertEquals(3, space.basis().dimension(0));
    assertEquals(6, Arrays.stream(space.inner()).sum(), 1e-6);
    space.close();
  }

  @Test
  void aBasisWithinMemory() {
    Lanczos.Options options = Lanczos.Options.of(10, 3);
    assertEquals(160, options.within(1L << 26, 1000).basisSize());
    assertEquals(67, options.within(1L << 26, 1_000_000).basisSize());
    assertEquals(47, options.within(1L << 26, 100_000_000).basisSize());
    assertEquals(
        4L * 1000 * (160 + 13 + 26 + 1) + 16 * 1000, Lanczos.bytes(1000, options), "as documented");
  }

  @Test
  void onlyOneEnd() {
    double[] spectrum = Spectra.network(1024, 3);
    PlantedOperator operator = new PlantedOperator(spectrum, 4);
    Eigenpairs top = find(operator, 10, 0);
    check(operator, spectrum, top, 10, 0);
    Eigenpairs bottom = find(operator, 0, 3);
    check(operator, spectrum, bottom, 0, 3);
  }

  @Test
  void multiplicitiesAreSeenWhole() {
    double[] spectrum = new double[300];
    for (int i = 0; i < 300; i++) {
      spectrum[i] = i < 4 ? -2 : i < 290 ? Math.sin(i) : i < 295 ? 3 : i < 298 ? 5 : 8;
    }
    Arrays.sort(spectrum);
    DenseOperator operator = DenseOperator.planted(spectrum, 5);
    // Each round of the search finds one copy more.
    Lanczos.Options patient = new Lanczos.Options(10, 5, 1e-4, 2000, 160);
    Eigenpairs pairs = Lanczos.eigenpairs(operator, patient, new SplittableRandom(7));
    check(operator, spectrum, pairs, 10, 5);
  }

  /** A copy at the edge of a continuum takes as long to come out as its first. */
  @Test
  void aCopyOfTheSmallestIsFound() {
    double[] spectrum = Spectra.network(512, 4);
    spectrum[1] = spectrum[0];
    check(
        new PlantedOperator(spectrum, 5),
        spectrum,
        find(new PlantedOperator(spectrum, 5), 4, 3),
        4,
        3);
  }

  /** No vector of one block has a part in the other, and both have the same spectrum. */
  @Test
  void blocksAreSeenBoth() {
    double[] half = Spectra.network(256, 6);
    PlantedOperator block = new PlantedOperator(half, 7);
    SymmetricOperator both =
        new SymmetricOperator() {
          @Override
          public int size() {
            return 512;
          }

          @Override
          public void apply(float[] vectors, int count, float[] products) {
            block.apply(vectors, 2 * count, products);
          }
        };
    double[] spectrum = new double[512];
    for (int i = 0; i < 512; i++) {
      spectrum[i] = half[i / 2];
    }
    Eigenpairs pairs = find(both, 8, 2);
    check(both, spectrum, pairs, 8, 2);
  }

  @Test
  void lowRankHasANullSpace() {
    double[] spectrum = new double[256];
    spectrum[255] = 4;
    spectrum[254] = 1;
    spectrum[0] = -2;
    PlantedOperator operator = new PlantedOperator(spectrum, 8);
    Eigenpairs pairs = find(operator, 6, 4);
    check(operator, spectrum, pairs, 6, 4);
  }

  /** Invariant subspaces one after another, in a basis that fills up. */
  @Test
  void fewDistinctValuesInASmallBasis() {
    double[] spectrum = new double[300];
    for (int i = 0; i < 300; i++) {
      spectrum[i] = i % 3 - 1;
    }
    Arrays.sort(spectrum);
    for (int seed = 0; seed < 5; seed++) {
      DenseOperator operator = DenseOperator.planted(spectrum, seed);
      Eigenpairs pairs =
          Lanczos.eigenpairs(
              operator,
              new Lanczos.Options(12, 6, 1e-4, 2000, 26),
              // Not the seed of the eigenvectors, which would be drawn again.
              new SplittableRandom(100 + seed));
      check(operator, spectrum, pairs, 12, 6);
    }
  }

  @Test
  void clusterOfCloseValues() {
    double[] spectrum = new double[512];
    for (int i = 0; i < 512; i++) {
      spectrum[i] = i < 506 ? i / 506.0 : 2 + 1e-3 * (i - 506);
    }
    PlantedOperator operator = new PlantedOperator(spectrum, 9);
    Eigenpairs pairs = find(operator, 6, 0);
    check(operator, spectrum, pairs, 6, 0);
  }

  @Test
  void fullBasisIsRestarted() {
    double[] spectrum = Spectra.network(1024, 10);
    PlantedOperator operator = new PlantedOperator(spectrum, 11);
    Eigenpairs pairs =
        Lanczos.eigenpairs(
            operator, new Lanczos.Options(10, 2, 1e-4, 600, 30), new SplittableRandom(1));
    check(operator, spectrum, pairs, 10, 2);
  }

  @Test
  void zero() {
    SymmetricOperator zero = DenseOperator.diagonal(new double[300]);
    Eigenpairs pairs = find(zero, 3, 2);
    check(zero, new double[300], pairs, 3, 2);
    assertEquals(0, pairs.norm());
    assertTrue(pairs.products() < 40);
  }

  @Test
  void identity() {
    double[] ones = new double[300];
    Arrays.fill(ones, 1);
    SymmetricOperator identity = DenseOperator.diagonal(ones);
    check(identity, ones, find(identity, 3, 2), 3, 2);
  }

  @Test
  void oneByOne() {
    Eigenpairs pairs = find(DenseOperator.diagonal(-3), 1, 1);
    assertEquals(-3, pairs.largest().getFirst().value());
    assertEquals(-3, pairs.smallest().getFirst().value());
    assertTrue(pairs.exact());
    assertTrue(pairs.converged());
  }

  @Test
  void everyPairOfASmallMatrix() {
    double[] spectrum = {-3, -1, -1, 0, 0, 2, 7};
    DenseOperator operator = DenseOperator.planted(spectrum, 12);
    check(operator, spectrum, find(operator, 7, 7), 7, 7);
  }

  /**
   * Null spaces, continua, multiplicities, outliers of both signs alone, in clusters and repeated:
   * a pair that is called converged, with its multiplicity looked for, is right.
   */
  @Property(tries = 60, seed = "1")
  void whatIsCalledConvergedIsRight(
      @ForAll @IntRange(min = 0, max = 3) int kind,
      @ForAll @IntRange(min = 0, max = 12) int outliers,
      @ForAll @IntRange(min = 1, max = 10) int largest,
      @ForAll @IntRange(min = 0, max = 5) int smallest,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] spectrum = new double[512];
    for (int i = 0; i < 512; i++) {
      spectrum[i] =
          switch (kind) {
            case 0 -> random.nextBoolean() ? 0 : random.nextGaussian();
            case 1 -> Math.pow(random.nextDouble(), 2);
            case 2 -> Math.round(4 * random.nextGaussian()) / 4.0;
            default -> random.nextGaussian() * Math.exp(2 * random.nextGaussian());
          };
    }
    for (int i = 0; i < outliers; i++) {
      spectrum[i] = random.nextInt(3) == 0 ? -6 : 4 + 0.7 * random.nextInt(5);
    }
    Arrays.sort(spectrum);
    Eigenpairs pairs = find(new PlantedOperator(spectrum, seed), largest, smallest);
    if (!pairs.multiplicitiesChecked()) {
      return; // it says so, and says nothing else
    }
    for (int i = 0; i < largest; i++) {
      Eigenpair pair = pairs.largest().get(i);
      double allowed = 1e-4 * Math.abs(pair.value()) + 2e-6 * pairs.norm();
      assertTrue(pair.converged());
      assertEquals(spectrum[511 - i], pair.value(), allowed, "largest " + i);
    }
    for (int i = 0; i < smallest; i++) {
      Eigenpair pair = pairs.smallest().get(i);
      double allowed = 1e-4 * Math.abs(pair.value()) + 2e-6 * pairs.norm();
      assertEquals(spectrum[i], pair.value(), allowed, "smallest " + i);
    }
    checked++;
  }

  private static int checked;

  @AfterContainer
  static void mostOfThemWereChecked() {
    assertTrue(checked > 40, "only " + checked);
  }

  @Test
  void scaleDoesNotMatter() {
    for (double scale : new double[] {1e-20, 1e-6, 1e6, 1e18}) {
      double[] spectrum = Spectra.network(256, 13);
      for (int i = 0; i < spectrum.length; i++) {
        spectrum[i] *= scale;
      }
      PlantedOperator operator = new PlantedOperator(spectrum, 14);
      check(operator, spectrum, find(operator, 4, 2), 4, 2);
    }
  }

  @Test
  void tooFewStepsAreNotCalledConverged() {
    double[] spectrum = new double[1024];
    for (int i = 0; i < 1024; i++) {
      spectrum[i] = i / 1024.0;
    }
    Eigenpairs pairs =
        Lanczos.eigenpairs(
            new PlantedOperator(spectrum, 15),
            new Lanczos.Options(5, 5, 1e-4, 30, 30),
            new SplittableRandom(2));
    assertFalse(pairs.converged());
    assertFalse(pairs.multiplicitiesChecked());
    assertFalse(pairs.largest().getLast().uncertain().converged());
    assertTrue(pairs.largest().getLast().uncertain().standardError() > 1e-4);
    assertEquals(30 + 10, pairs.products());
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    double[] spectrum = Spectra.network(512, 16);
    PlantedOperator operator = new PlantedOperator(spectrum, 17);
    Eigenpairs one = find(operator, 3, 3);
    Eigenpairs two = find(operator, 3, 3);
    for (int i = 0; i < 3; i++) {
      assertEquals(one.largest().get(i).value(), two.largest().get(i).value());
      assertArrayEquals(one.smallest().get(i).vector(), two.smallest().get(i).vector());
    }
  }

  @Test
  void notFiniteIsRefused() {
    double[] values = new double[300];
    values[17] = Double.NaN;
    SymmetricOperator operator = DenseOperator.diagonal(values);
    String message =
        assertThrows(NonFiniteProductException.class, () -> find(operator, 2, 2)).getMessage();
    assertEquals(
        "component 17 of operator product 1 is NaN: a spectrum needs finite products", message);
  }

  @Test
  void whatCannotBeAskedFor() {
    assertEquals(
        "4 eigenvalues of a matrix of order 3: 0 to 3 is allowed",
        assertThrows(InvalidInputException.class, () -> find(DenseOperator.diagonal(1, 2, 3), 4, 0))
            .getMessage());
    assertThrows(InvalidInputException.class, () -> Lanczos.Options.of(0, 0));
    assertThrows(InvalidInputException.class, () -> Lanczos.Options.of(-1, 3));
    assertThrows(InvalidInputException.class, () -> new Lanczos.Options(3, 3, 0, 100, 100));
    assertThrows(InvalidInputException.class, () -> new Lanczos.Options(3, 3, 1e-4, 10, 100));
  }
}
