package org.basin.engine.dl4j;

import java.util.ArrayList;
import java.util.List;
import org.basin.train.EngineDescription;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.nd4j.linalg.factory.Nd4j;

/** The reference: DL4J's own {@code fit}, on whichever ND4J backend is on the classpath. */
public final class Dl4jEngine implements TrainingEngine {
  private final EngineDescription description;

  /** Loads ND4J. */
  public Dl4jEngine(String device) {
    String threads = System.getenv().getOrDefault("OMP_NUM_THREADS", "default");
    description =
        new EngineDescription(
            "dl4j",
            device,
            "float32",
            "DL4J 1.0.0-M2.1, ND4J backend "
                + Nd4j.getBackend().getClass().getSimpleName()
                + ", OMP_NUM_THREADS "
                + threads);
  }

  @Override
  public EngineDescription description() {
    return description;
  }

  @Override
  public int stackSize() {
    return 1;
  }

  @Override
  public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
      throws InterruptedException {
    List<TrainingOutcome> outcomes = new ArrayList<>();
    for (TrainingTask task : stack) {
      try (Dl4jNetwork network = new Dl4jNetwork(task)) {
        outcomes.add(TrainingLoop.run(task, network, progress));
      }
    }
    return outcomes;
  }

  @Override
  public void close() {
    // ND4J lives as long as the process.
  }
}
