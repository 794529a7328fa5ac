package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Known answers printed by NumPy 2 with {@code numpy.random.seed}. */
class NumpyRandomStateTest {
  @Test
  void drawsWhatNumpyDrawsFromSeed42() {
    NumpyRandomState random = new NumpyRandomState(42);
    assertEquals(0.3745401188473625, random.uniform());
    assertEquals(0.9507143064099162, random.uniform());
    assertEquals(0.7319939418114051, random.uniform());
    assertEquals(-1.1118801180469204, random.gaussian(), 1e-15);
    assertEquals(0.31890218468938336, random.gaussian(), 1e-15);
    assertEquals(0.2790412922001377, random.gaussian(), 1e-15);
    int[] choices = new int[8];
    for (int i = 0; i < choices.length; i++) {
      choices[i] = random.below(48);
    }
    assertArrayEquals(new int[] {23, 2, 21, 1, 23, 43, 29, 37}, choices);
    assertArrayEquals(new int[] {5, 2, 7, 6, 8, 9, 3, 0, 4, 1}, random.permutation(10));
    assertEquals(0.5247746602583891, random.uniform());
  }

  @Test
  void aChoiceOfOneDrawsNothing() {
    NumpyRandomState random = new NumpyRandomState(42);
    assertEquals(0, random.below(1));
    assertEquals(0.3745401188473625, random.uniform());
  }

  @Test
  void takesTheSmallestAndTheLargestSeed() {
    NumpyRandomState smallest = new NumpyRandomState(0);
    assertEquals(0.5488135039273248, smallest.uniform());
    assertArrayEquals(new int[] {4, 2, 1, 3, 0, 5}, smallest.permutation(6));
    NumpyRandomState largest = new NumpyRandomState(4_294_967_295L);
    assertEquals(0.0976320289940138, largest.uniform());
    assertEquals(0.0813036681172692, largest.gaussian(), 1e-15);
  }
}
