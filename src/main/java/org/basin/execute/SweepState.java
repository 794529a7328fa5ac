package org.basin.execute;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.data.DataOptions;
import org.basin.plan.Replica;
import org.basin.store.ReplicaFolder;
import org.basin.store.ReplicaResult;
import org.basin.store.RunFolder;

/**
 * What of a sweep is done.
 *
 * @param done replicas with a whole result of this configuration
 * @param missing replicas without a result
 * @param stale replicas with a result that cannot be kept, and why
 */
public record SweepState(List<Replica> done, List<Replica> missing, List<Stale> stale) {

  /** A result that is damaged, or of another configuration than the plan's. */
  public record Stale(Replica replica, String problem) {}

  /** What there is to train: what is missing and what cannot be kept. */
  public List<Replica> toTrain() {
    return Stream.concat(missing.stream(), stale.stream().map(Stale::replica)).toList();
  }

  private record DataOfReplica(DataOptions options, long seed) {}

  /**
   * Looks at {@code replicas} in {@code run}.
   *
   * @param data the data as they are now, to tell results on other data
   */
  public static SweepState of(List<Replica> replicas, RunFolder run, SplitSource data) {
    Map<DataOfReplica, String> hashes = new HashMap<>();
    List<Replica> done = new ArrayList<>();
    List<Replica> missing = new ArrayList<>();
    List<Stale> stale = new ArrayList<>();
    for (Replica replica : replicas) {
      ReplicaFolder folder = run.replica(replica.folder());
      if (!folder.hasResult()) {
        missing.add(replica);
        continue;
      }
      try {
        ReplicaResult result = folder.verifiedResult();
        DataOfReplica key = new DataOfReplica(replica.point().config().data(), replica.seed());
        if (result.seed() != replica.seed()
            || !result.configHash().equals(replica.point().configHash())) {
          stale.add(new Stale(replica, folder.path() + " is of another configuration"));
        } else if (!result
            .dataHash()
            .equals(hashes.computeIfAbsent(key, k -> data.load(k.options, k.seed).hash()))) {
          stale.add(new Stale(replica, folder.path() + " was trained on other data"));
        } else {
          done.add(replica);
        }
      } catch (InvalidInputException damaged) {
        stale.add(new Stale(replica, damaged.getMessage()));
      }
    }
    return new SweepState(done, missing, stale);
  }
}
