package org.basin.engine.cpu;

import org.basin.engine.TrainingContract;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;

class CpuTrainingTest extends TrainingContract {
  private static final Crew CREW = new Crew(1);

  @Override
  protected TrainingOutcome train(TrainingTask task) throws InterruptedException {
    try (CpuNetwork network = new CpuNetwork(task, CREW)) {
      return TrainingLoop.run(task, network, TrainingProgress.NONE);
    }
  }
}
