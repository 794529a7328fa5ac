package org.basin.landscape.saddle;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.landscape.Subject;
import org.basin.model.Initialization;
import org.basin.train.GradientClipping;

/** Where searches begin. */
public final class Starts {
  private Starts() {}

  /** Kinds of starts. */
  public enum Kind {
    /** A network in training; the parameter is the step. */
    PATH(0),
    /** A random initialisation; the parameter is its scale. */
    INITIALIZATION(1),
    /** The trained network moved at random; the parameter is the distance over ‖θ‖. */
    PERTURBED(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** What a table has for it. */
    int code() {
      return code;
    }
  }

  /**
   * A start.
   *
   * @param kind of which kind
   * @param parameter see {@link Kind}
   * @param theta {@code [P]}
   */
  record Start(Kind kind, double parameter, float[] theta) {}

  /** All of them. */
  static List<Start> of(Subject subject, SaddleOptions options, SplittableRandom random)
      throws InterruptedException {
    List<Start> starts = new ArrayList<>(onPath(subject, options.pathPoints()));
    for (double scale : options.scales()) {
      for (int i = 0; i < options.initializations(); i++) {
        float[] theta = Initialization.draw(subject.spec(), random.split()).parameters();
        for (int j = 0; j < theta.length; j++) {
          theta[j] *= (float) scale;
        }
        starts.add(new Start(Kind.INITIALIZATION, scale, theta));
      }
    }
    double norm = GradientClipping.norm(subject.theta());
    for (double radius : options.radii()) {
      float[] theta = subject.theta().clone();
      double[] direction = Directions.sphere(theta.length, radius * norm, random.split());
      for (int i = 0; i < theta.length; i++) {
        theta[i] += (float) direction[i];
      }
      starts.add(new Start(Kind.PERTURBED, radius, theta));
    }
    return starts;
  }

  /** Evenly spaced steps, the last one the end; the start of training is an initialisation. */
  private static List<Start> onPath(Subject subject, int count) throws InterruptedException {
    if (count == 0) {
      return List.of();
    }
    long steps = subject.retraining().steps();
    long interval = Math.max(1, Math.ceilDiv(steps, count));
    List<Start> starts = new ArrayList<>();
    subject
        .retraining()
        .run(
            step -> {
              long next = Math.max(1, Math.ceilDiv(step, interval)) * interval;
              return step <= steps ? Math.min(next, steps) : next;
            },
            snapshot ->
                starts.add(
                    new Start(Kind.PATH, (double) snapshot.step(), snapshot.state().parameters())));
    return starts;
  }
}
