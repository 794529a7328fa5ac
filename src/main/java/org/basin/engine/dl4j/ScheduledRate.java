package org.basin.engine.dl4j;

import org.basin.train.LearningRateSchedule;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Basin's learning-rate schedule as DL4J reads it: by iteration, which DL4J counts from 0. DL4J's
 * own schedules have no cosine and no warmup.
 *
 * @param schedule the course of the rate
 * @param multiplier factor of one layer's parameters
 */
record ScheduledRate(LearningRateSchedule schedule, double multiplier) implements ISchedule {

  @Override
  public double valueAt(int iteration, int epoch) {
    return multiplier * schedule.at(iteration);
  }

  @Override
  public ISchedule clone() {
    return this;
  }
}
