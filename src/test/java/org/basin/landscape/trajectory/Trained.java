package org.basin.landscape.trajectory;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.RandomStreams;
import org.basin.engine.EngineRegistry;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.landscape.Onlooker;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.measurement.Measurement;
import org.basin.model.Initialization;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;

/** A training to look at. */
record Trained(TrainingTask task, boolean reference) {

  /** By the double-precision reference. */
  static Trained byReference(TrainingTask task) {
    return new Trained(task, true);
  }

  /** By the CPU engine. */
  static Trained byEngine(TrainingTask task) {
    return new Trained(task, false);
  }

  /** The probe's measurement of it, with the trained objective on all training examples. */
  Measurement measure(TrajectoryOptions options) throws InterruptedException {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      return TrajectoryProbe.KIND
          .open(options)
          .measure(subject(engine, null), new SplittableRandom(1));
    }
  }

  Subject subject(ObjectiveEngine engine, TrainingSnapshot snapshot) {
    NetworkState initial =
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization());
    return new Subject(
        task.spec(),
        task.options(),
        initial,
        initial.parameters(),
        task.data().train(),
        task.data(),
        ObjectiveOptions.trained(task.options(), BatchNormPolicy.FROZEN),
        engine,
        snapshot,
        new Repeated(),
        null);
  }

  private final class Repeated implements Retraining {
    @Override
    public long seed() {
      return 1;
    }

    @Override
    public long steps() {
      return TrainingLoop.schedule(task).totalSteps();
    }

    @Override
    public void run(LongUnaryOperator next, Look look) throws InterruptedException {
      TrainingProgress progress = new Onlooker(next, look);
      if (reference) {
        try (ReferenceNetwork network = new ReferenceNetwork(task)) {
          TrainingLoop.run(task, network, progress);
        }
      } else {
        try (TrainingEngine engine = EngineRegistry.standard().open("cpu")) {
          engine.train(List.of(task), progress);
        }
      }
    }
  }
}
