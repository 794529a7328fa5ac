package org.basin.execute;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.basin.InvalidInputException;
import org.basin.execute.SweepProgress.Ending;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.plan.Stack;
import org.basin.store.Claim;
import org.basin.store.RunFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of a stack until each has ended, claimed meanwhile for this process; of every ending
 * the progress is told once.
 */
final class ReplicasAtWork {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicasAtWork.class);

  private final Plan plan;
  private final RunFolder run;
  private final SweepProgress progress;
  private final Set<Replica> replicas;
  private final Map<Replica, Claim> claims = new HashMap<>();

  /** All of {@code stack}, none of them claimed. */
  ReplicasAtWork(Stack stack, Plan plan, RunFolder run, SweepProgress progress) {
    this.plan = plan;
    this.run = run;
    this.progress = progress;
    replicas = new LinkedHashSet<>(stack.replicas());
  }

  /** Those that have not ended, in the order of the stack. */
  List<Replica> replicas() {
    return List.copyOf(replicas);
  }

  /** Claims {@code replica}; false where another process works on it. */
  boolean claim(Replica replica) {
    Claim claim = run.replica(replica.folder()).claim();
    if (claim != null) {
      claims.put(replica, claim);
    }
    return claim != null;
  }

  /**
   * Gives {@code replica} back.
   *
   * @param steps that were done of its training
   * @throws InvalidInputException when its folder cannot be written
   */
  void end(Replica replica, Ending ending, long steps) {
    replicas.remove(replica);
    try (Claim _ = claims.remove(replica)) {
      progress.ended(replica, ending, plan.cost(replica.point()).steps() - steps);
    }
  }

  /** Gives back those of {@code some} that have not ended, whatever their folders are like. */
  void giveUp(Collection<Replica> some, Ending ending) {
    for (Replica replica : some) {
      if (replicas.contains(replica)) {
        try {
          end(replica, ending, 0);
        } catch (InvalidInputException notRemoved) {
          LOG.warn("{}", notRemoved.getMessage());
        }
      }
    }
  }
}
