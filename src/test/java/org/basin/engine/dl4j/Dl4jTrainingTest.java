package org.basin.engine.dl4j;

import org.basin.engine.TrainingContract;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingTask;

class Dl4jTrainingTest extends TrainingContract {
  @Override
  protected TrainableNetwork network(TrainingTask task) {
    return new Dl4jNetwork(task);
  }
}
