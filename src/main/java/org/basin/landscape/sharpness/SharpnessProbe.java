package org.basin.landscape.sharpness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.landscape.Probe;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.Objective;

/**
 * Measures how much the loss rises within a radius ρ of θ, in the worst case and on average, for
 * perturbations δ of norm ‖δ‖ (plain) and ‖δ / |θ|‖ (adaptive; Kwon et al. 2021).
 *
 * <pre>
 * worstCase   = max over ‖δ‖ ≤ ρ of L(θ + δ) − L(θ)                       by projected ascent
 * mSharpness  = (1/k) Σ_B max over ‖δ_B‖ ≤ ρ of L_B(θ + δ_B) − L_B(θ)     over k batches B of m
 * ...OneStep  = the same at δ = ρ g / ‖g‖ in place of the maximum (Foret et al. 2021)
 * averageCase = E L(θ + δ) − L(θ),  δ Gaussian with E ‖δ‖² = ρ²
 * </pre>
 *
 * <p>Each is a table against the radius, and a scalar at the first of the radii; the adaptive ones
 * are named {@code adaptive...}. Batches are of one random partition of the examples; the standard
 * error of their mean is √(1 − k/K) s / √k where the partition has K.
 *
 * <p>For every plain and every adaptive radius it takes 3 + 3 steps gradients on all examples and
 * on every batch, and 2 pairs losses: with the default options 738 gradients and 600 losses, and
 * the work of 189 more gradients for the batches if there are 4,000 examples.
 */
public final class SharpnessProbe implements Probe {
  /** The probe by its name. */
  public static final ProbeKind<SharpnessOptions> KIND =
      new ProbeKind<>(
          "sharpness",
          1,
          "worst and average rise of the loss within a radius, plain and adaptive",
          SharpnessOptions.class,
          SharpnessProbe::new,
          SharpnessDefinitions.SCALARS);

  private final SharpnessOptions options;

  /** With {@code options}. */
  public SharpnessProbe(SharpnessOptions options) {
    this.options = options;
  }

  @Override
  public Measurement measure(Subject subject, SplittableRandom random) throws InterruptedException {
    Batches batches = Batches.of(subject.examples().count(), options, random.split());
    SplittableRandom starts = random.split();
    long draws = random.nextLong(); // the same for both scalings
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    List<Table> tables = new ArrayList<>();
    double center;
    try (Objective objective = subject.objective()) {
      center = objective.loss(subject.theta());
      for (Scaling scaling : Scaling.values()) {
        double[] radii = radii(scaling);
        PerturbedLoss loss =
            new PerturbedLoss(objective, subject.theta(), scaling.of(subject.theta()));
        int steps = options.steps();
        SequencedMap<String, Uncertain[]> curves = new LinkedHashMap<>();
        putWorst(curves, "worstCase", Ascent.at(radii, loss, steps, starts));
        putWorst(curves, "mSharpness", batches.worst(subject, scaling, radii, steps, starts));
        curves.put(
            "averageCase",
            AverageCase.at(radii, loss, options.pairs(), new SplittableRandom(draws)));
        curves.forEach(
            (plain, curve) -> {
              String name = scaling.named(plain);
              scalars.put(name, curve[0]);
              tables.add(table(name, radii, curve));
            });
      }
    }
    int nonzero = 0;
    for (float parameter : subject.theta()) {
      nonzero += parameter == 0 ? 0 : 1;
    }
    SharpnessDetails details =
        new SharpnessDetails(
            center,
            subject.theta().length,
            nonzero,
            batches.size(),
            batches.indices().size(),
            batches.inAll());
    return new Measurement(scalars, details, tables, Map.of());
  }

  private double[] radii(Scaling scaling) {
    List<Double> radii = scaling == Scaling.ADAPTIVE ? options.adaptiveRadii() : options.radii();
    return radii.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void putWorst(
      SequencedMap<String, Uncertain[]> curves, String name, WorstCase[] worst) {
    curves.put(name, Arrays.stream(worst).map(WorstCase::maximum).toArray(Uncertain[]::new));
    curves.put(
        name + "OneStep", Arrays.stream(worst).map(WorstCase::oneStep).toArray(Uncertain[]::new));
  }

  private static Table table(String name, double[] radii, Uncertain[] curve) {
    Table.Builder table = new Table.Builder(name, "radius", "value", "standardError", "converged");
    for (int r = 0; r < radii.length; r++) {
      Uncertain at = curve[r];
      table.row(radii[r], at.value(), at.standardError(), at.converged() ? 1 : 0);
    }
    return table.build();
  }
}
