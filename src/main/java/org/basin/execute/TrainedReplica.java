package org.basin.execute;

import java.nio.file.Path;
import org.basin.InvalidInputException;
import org.basin.RandomStreams;
import org.basin.config.ReplicaConfig;
import org.basin.data.Split;
import org.basin.landscape.Partner;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.plan.Replica;
import org.basin.store.PartnerIdentity;
import org.basin.store.ReplicaFolder;
import org.basin.store.ReplicaResult;
import org.basin.store.RunFolder;
import org.basin.train.TrainingTask;

/**
 * A trained network with what it was trained from, read back.
 *
 * @param folder where it lies
 * @param replica which one it is
 * @param task what it was trained from
 * @param state its numbers
 * @param model SHA-256 of its file
 */
public record TrainedReplica(
    Path folder, Replica replica, TrainingTask task, NetworkState state, String model) {

  /** What there was to train for {@code replica}. */
  static TrainingTask task(Replica replica, SplitSource data) {
    ReplicaConfig config = replica.point().config();
    Split split = data.load(config.data(), replica.seed());
    MlpSpec spec = config.model().toSpec(split.train().features(), split.train().classes());
    return new TrainingTask(spec, config.training(), split, replica.seed());
  }

  /**
   * Reads a replica of {@code run}.
   *
   * @param data the data as they are now
   * @throws InvalidInputException when it is not trained yet, diverged, is damaged, or was trained
   *     from something else; names its folder
   */
  public static TrainedReplica load(Replica replica, RunFolder run, SplitSource data) {
    ReplicaFolder folder = run.replica(replica.folder());
    if (!folder.hasResult()) {
      throw new InvalidInputException(folder.path() + " is not trained yet");
    }
    ReplicaResult result = folder.verifiedResult();
    if (result.status().equals("diverged")) {
      throw new InvalidInputException(folder.path() + " diverged: it holds no network");
    }
    if (result.seed() != replica.seed()
        || !result.configHash().equals(replica.point().configHash())) {
      throw new InvalidInputException(folder.path() + " is of another configuration");
    }
    TrainingTask task = task(replica, data);
    if (!result.dataHash().equals(task.data().hash())) {
      throw new InvalidInputException(folder.path() + " was trained on other data");
    }
    return new TrainedReplica(
        folder.path(), replica, task, folder.model(task.spec()), folder.modelHash());
  }

  /** The network as another one's partner. */
  Partner partner() {
    float[] initial =
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization())
            .parameters();
    return new Partner(task.seed(), state, initial);
  }

  /** What decides its part of a measurement. */
  PartnerIdentity identity() {
    return new PartnerIdentity(
        replica.seed(), replica.point().configHash(), task.data().hash(), model);
  }
}
