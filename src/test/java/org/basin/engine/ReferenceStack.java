package org.basin.engine;

import java.util.ArrayList;
import java.util.List;
import org.basin.data.Examples;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.model.NetworkState;
import org.basin.train.LossEvaluation;
import org.basin.train.Subset;
import org.basin.train.TrainableStack;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/** A stack of reference networks, trained one after the other; remembers what was kept. */
public final class ReferenceStack implements TrainableStack {
  private record Member(TrainingTask task, ReferenceNetwork network) {}

  private final List<Member> members = new ArrayList<>();
  private final List<int[]> kept = new ArrayList<>();
  private int evaluations;

  /** The replicas of {@code tasks} before their first step. */
  public ReferenceStack(List<TrainingTask> tasks) {
    tasks.forEach(task -> members.add(new Member(task, new ReferenceNetwork(task))));
  }

  /** The arguments of every call of {@link #keep}. */
  public List<int[]> kept() {
    return kept;
  }

  /** Calls of {@link #evaluate}. */
  public int evaluations() {
    return evaluations;
  }

  @Override
  public int size() {
    return members.size();
  }

  @Override
  public void step(int[][] orders, int from, int batch, double[][] learningRates, double[] norms) {
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    for (int r = 0; r < members.size(); r++) {
      norms[r] = members.get(r).network.step(orders[r], from, batch, learningRates[r]);
    }
  }

  @Override
  public LossEvaluation[] evaluate(Subset subset, boolean smoothed) {
    evaluations++;
    LossEvaluation[] all = new LossEvaluation[members.size()];
    for (int r = 0; r < all.length; r++) {
      TrainingTask task = members.get(r).task;
      Examples examples = subset.of(task.data());
      float[] logits = new float[examples.count() * examples.classes()];
      members.get(r).network.logits(examples, logits);
      double smoothing = smoothed ? task.options().labelSmoothing() : 0;
      all[r] =
          LossEvaluation.of(
              task.options().loss(), logits, examples.labels(), examples.classes(), smoothing);
    }
    return all;
  }

  @Override
  public NetworkState state(int r) {
    return members.get(r).network.state();
  }

  @Override
  public float @Nullable [] secondMoment(int r) {
    return members.get(r).network.secondMoment();
  }

  @Override
  public void restore(int r, NetworkState state) {
    members.get(r).network.restore(state);
  }

  @Override
  public void keep(int[] replicas) {
    kept.add(replicas.clone());
    List<Member> all = List.copyOf(members);
    members.clear();
    for (int r : replicas) {
      members.add(all.get(r));
    }
  }

  @Override
  public void close() {
    members.forEach(member -> member.network.close());
  }
}
