package org.basin.engine.cpu;

import org.basin.engine.TrainingContract;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingTask;

class CpuTrainingTest extends TrainingContract {
  private static final Crew CREW = new Crew(1);

  @Override
  protected TrainableNetwork network(TrainingTask task) {
    return new CpuNetwork(task, CREW);
  }
}
