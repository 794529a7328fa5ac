package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.function.Supplier;
import org.basin.model.NetworkState;
import org.junit.jupiter.api.Test;

/** The rule alone, on validation losses as they might come. */
class EarlyStoppingTest {

  /** Hands out a network whose only parameter is how often it has been evaluated. */
  private static final class Counting implements Supplier<NetworkState> {
    private int evaluations;
    private int copies;

    @Override
    public NetworkState get() {
      copies++;
      return new NetworkState(new float[] {evaluations}, new float[0], new float[0]);
    }
  }

  private final Counting network = new Counting();

  private static HistoryRow row(int epoch, double validationLoss) {
    return new HistoryRow(epoch, epoch, 0.1, 1, 1, validationLoss, 1, 1, 1, 1);
  }

  /** Index of the evaluation that stops, counted from 0; the number of losses when none does. */
  private int stop(EarlyStopping rule, double... validationLosses) {
    for (int i = 0; i < validationLosses.length; i++) {
      network.evaluations = i;
      if (rule.shouldStop(row(i, validationLosses[i]), network)) {
        return i;
      }
    }
    return validationLosses.length;
  }

  @Test
  void stopsAfterSoManyEvaluationsWithoutImprovementInARow() {
    assertEquals(2, stop(new EarlyStopping(1, 0), 3, 2, 2, 1));
    assertEquals(6, stop(new EarlyStopping(3, 0), 5, 6, 6, 4, 7, 4, 9, 1));
    assertEquals(5, stop(new EarlyStopping(2, 0), 5, 6, 4, 6, 3), "every one improved in time");
  }

  @Test
  void handsBackTheBestNetworkAndItsRow() {
    EarlyStopping rule = new EarlyStopping(2, 0);
    assertEquals(4, stop(rule, 3, 2, 1, 4, 5));
    assertArrayEquals(new float[] {2}, rule.bestState().parameters());
    assertEquals(row(2, 1), rule.bestRow());
    assertEquals(3, network.copies, "only the best are copied");
  }

  @Test
  void anImprovementByLessThanTheLeastDoesNotCount() {
    EarlyStopping rule = new EarlyStopping(3, 0.5);
    // Every one is a little better than the one before; 1.25 is the first that is by more than 0.5.
    assertEquals(5, stop(rule, 2, 1.5, 1.25, 1.2, 1, 0.9, 0.8));
    assertArrayEquals(new float[] {2}, rule.bestState().parameters());
    assertEquals(1.25, rule.bestRow().validationLoss());
  }

  @Test
  void aLossThatIsNoNumberIsNoImprovement() {
    EarlyStopping rule = new EarlyStopping(2, 0);
    assertEquals(2, stop(rule, 3, Double.NaN, Double.NaN));
    assertEquals(3, rule.bestRow().validationLoss());
  }

  @Test
  void knowsNoBestBeforeTheFirstEvaluation() {
    EarlyStopping rule = new EarlyStopping(1, 0);
    assertNull(rule.bestRow());
    assertNull(rule.bestState());
    HistoryRow first = row(0, 1);
    rule.shouldStop(first, network);
    assertSame(first, rule.bestRow());
  }
}
