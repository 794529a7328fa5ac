package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateScheduleTest {

  @ParameterizedTest
  @CsvSource({"0, 0.0001", "500, 0.00055", "1000, 0.001", "5000, 0.000587", "10000, 0"})
  void warmupThenCosine(long step, double expected) {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.COSINE, 1000, 1e-4, null, 0.1, 0.0);
    LearningRateSchedule schedule = new LearningRateSchedule(options, 1e-3, 10_000);
    assertEquals(expected, schedule.at(step), 5e-7);
  }

  @ParameterizedTest
  @CsvSource({"0, 0.1", "500, 0.05", "750, 0.0146", "1000, 0", "5000, 0"})
  void cosineAlone(long step, double expected) {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.COSINE, 0, 0.0, null, 0.1, 0.0);
    assertEquals(expected, new LearningRateSchedule(options, 0.1, 1000).at(step), 5e-5);
  }

  @Test
  void cosineFallsToItsFloorWithinItsOwnLengthAndStaysThere() {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.COSINE, 0, 0.0, 100, 0.1, 0.02);
    LearningRateSchedule schedule = new LearningRateSchedule(options, 0.1, 1000);
    assertEquals(0.06, schedule.at(50), 1e-12);
    assertEquals(0.02, schedule.at(100), 1e-12);
    assertEquals(0.02, schedule.at(999), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "9, 1", "10, 0.5", "29, 0.25"})
  void stepDecay(long step, double expected) {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.STEP, 0, 0.0, 10, 0.5, 0.0);
    assertEquals(expected, new LearningRateSchedule(options, 1, 100).at(step), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "5, 0.7071067811865476", "10, 0.5", "20, 0.25"})
  void exponentialDecay(long step, double expected) {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.EXPONENTIAL, 0, 0.0, 10, 0.5, 0.0);
    assertEquals(expected, new LearningRateSchedule(options, 1, 100).at(step), 1e-12);
  }

  @Test
  void decayCountsFromTheEndOfWarmup() {
    ScheduleOptions options = new ScheduleOptions(ScheduleKind.STEP, 10, 0.0, 10, 0.5, 0.0);
    LearningRateSchedule schedule = new LearningRateSchedule(options, 1, 100);
    assertEquals(0.5, schedule.at(5), 1e-12);
    assertEquals(1, schedule.at(19), 1e-12);
    assertEquals(0.5, schedule.at(20), 1e-12);
  }
}
