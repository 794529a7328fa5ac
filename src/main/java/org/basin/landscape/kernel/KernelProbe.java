package org.basin.landscape.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.RandomPermutation;
import org.basin.data.Examples;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Law;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;

/**
 * Measures the {@link TangentKernel} Θ of a trained network on n examples, the kernel Θ₀ of the
 * same examples before training, and what the network that is linear in its parameters there,
 * f_lin(θ) = f(θ₀) + J(θ₀)(θ − θ₀), makes of the trained ones (Lee et al. 2019, eq. 5).
 *
 * <pre>
 * tracePerExample      tr Θ / order
 * normPerExample       ‖Θ‖_F / order
 * drift                ‖Θ − Θ₀‖_F / ‖Θ₀‖_F
 * kernelDistance       1 − ⟨Θ, Θ₀⟩ / (‖Θ‖ ‖Θ₀‖)                        Fort et al. 2020, eq. 5
 * alignment            ⟨Θ, YYᵀ⟩ / (‖Θ‖ ‖YYᵀ‖), Y one-hot                Cristianini et al. 2001
 * centredAlignment     the same of C Θ C and C YYᵀ C, C = I − 11ᵀ/n    Cortes et al. 2012, eq. 4
 * initialAlignment     the alignment of Θ₀
 * linearizationError   ‖f(θ) − f_lin(θ)‖ / ‖f(θ) − f(θ₀)‖
 * largestEigenvaluePerExample          λ_max / order
 * participationRatio   (Σ λ)² / Σ λ²
 * entropyRank          exp(−Σ p ln p), p = λ / Σ λ                     Roy and Vetterli 2007
 * conditionNumber      λ_max / λ_min; NaN where λ_min is below the noise floor
 * parameterMovement    ‖θ − θ₀‖ / ‖θ₀‖
 * </pre>
 *
 * <p>and, where it is asked for, those of {@link LinearizedDisagreement}, of the linearised network
 * trained beside the real one.
 *
 * <p>Alignments are those of traced kernels. Labels are those that were trained on, noise and all.
 * f is the network with the normalisation statistics of the measured one as constants, at θ₀ and on
 * the way as well: one function of the parameters. The order is n, or n K with {@link
 * KernelOutputs#ALL}; ranks and the condition number grow with n, so compare them at one n.
 *
 * <p>Where n are all the examples, the figures are exact but for double precision's rounding;
 * otherwise each has the error of having drawn n by {@link GroupJackknife}, and is not converged
 * where it does not exist for a part of the n. The condition number of a draw never is converged:
 * the jackknife understates how much λ_min differs between draws.
 */
public final class KernelProbe {
  private static final List<Figure> FIGURES =
      List.of(
          new Figure(
              "The kernel's way through training",
              "How far the kernel Θ is from Θ₀, the one before training, step by step. The cosine"
                  + " distance, 1 − ⟨Θ, Θ₀⟩ / (‖Θ‖ ‖Θ₀‖), leaves out that the kernel as a whole grew"
                  + " or shrank. In networks that learn features most of the change comes early"
                  + " (Fort et al. 2020).",
              "drift",
              new Axis("step", "step of training", true),
              new Axis("", "change from initialisation", true),
              List.of(
                  new Trace("relative change ‖Θ − Θ₀‖ / ‖Θ₀‖", Style.MEASURED, "drift"),
                  new Trace("cosine distance", Style.MEASURED, "kernelDistance")),
              null),
          new Figure(
              "Beside the linearised network: outputs",
              "Distance between the outputs of the network and those of the linearised one that was"
                  + " trained on the same batches, over the distance that the network's outputs"
                  + " moved. 0 is a network that trains like its kernel.",
              "linearized",
              new Axis("step", "step of training", true),
              new Axis("", "relative distance of outputs", true),
              List.of(
                  new Trace("training examples", Style.MEASURED, "disagreement"),
                  new Trace("test examples", Style.MEASURED, "testDisagreement")),
              null),
          new Figure(
              "Beside the linearised network: loss",
              "Points: the network. Line: what the network that is linear in its parameters makes of"
                  + " the same batches, which is what kernel theory predicts for very wide ones.",
              "linearized",
              new Axis("step", "step of training", true),
              new Axis("", "training loss", true),
              List.of(
                  new Trace("linearised network", Style.PREDICTED, "linearizedTrainLoss"),
                  new Trace("network", Style.MEASURED, "trainLoss")),
              null));

  private static final List<Law> LAWS = laws();

  /** The probe by its name. */
  public static final ProbeKind<KernelOptions> KIND =
      new ProbeKind<>(
          "kernel",
          2,
          "the neural tangent kernel, its drift from initialisation and the linearised network",
          KernelOptions.class,
          options -> (subject, random) -> new KernelProbe(subject, options, random).measure(),
          "A network's tangent kernel, the inner products of its outputs' gradients, says how a step"
              + " on one example moves the outputs of another. A network whose kernel does not change while it trains is a linear model in its"
              + " parameters, and gradient descent on it is kernel regression (Jacot et al. 2018)."
              + " Whether wide networks become that is a matter of the parameterisation: in ntk the"
              + " kernel's relative change and the distance to the linearised network fall as"
              + " 1/width (Huang and Yau 2020; Dyer and Gur-Ari 2020; proven bound 1/√width: Lee et"
              + " al. 2019), in mup they do not fall, and features are learnt at any width (Yang and"
              + " Hu 2021).",
          FIGURES,
          LAWS,
          KernelDefinitions.SCALARS);

  // 2 GiB of doubles: an example's K outputs by every unit of the widest layer.
  private static final long MOST_DERIVATIVES = 1L << 28;

  // Before the first step and after the last.
  private static final int FEWEST_LOOKS = 2;

  private final Subject subject;
  private final KernelOptions options;
  private final Examples chosen;
  private final LinearizedNetwork start;
  private final SplittableRandom random;

  private static List<Law> laws() {
    Map<String, String> ntk = Map.of("model.parameterization", "ntk");
    Map<String, String> mup = Map.of("model.parameterization", "mup");
    Map<String, String> standard = Map.of("model.parameterization", "standard");
    String lazy =
        "Huang and Yau 2020, corollary 2.4, and Dyer and Gur-Ari 2020, for a training time that does"
            + " not grow with the width.";
    String rich = "Yang and Hu 2021: features move by as much at any width.";
    return List.of(
        new Law("drift", ntk, -1, lazy),
        new Law("drift", mup, 0, rich),
        new Law("linearizedTestDisagreement", ntk, -1, lazy),
        new Law("linearizedTestDisagreement", mup, 0, rich),
        new Law(
            "parameterMovement",
            ntk,
            -0.5,
            "Lee et al. 2019, theorem 2.1: the weights move by as much at any width, and the norm of"
                + " the input's and the hidden layers' weights grows as √width."),
        new Law(
            "tracePerExample",
            ntk,
            0,
            "Jacot et al. 2018, theorem 1: the kernel has a limit, neither 0 nor infinite."),
        new Law("tracePerExample", mup, 0, "Yang and Hu 2021: the rates of mup are chosen so."),
        new Law(
            "tracePerExample",
            standard,
            1,
            "Lee et al. 2019, section 2: every unit of the layer before adds to the kernel, so that"
                + " the largest stable learning rate falls as 1/width."));
  }

  private KernelProbe(Subject subject, KernelOptions options, SplittableRandom random) {
    this.subject = subject;
    this.options = options;
    int count = Math.min(options.kernelExamples(), subject.examples().count());
    requireFeasible(count);
    chosen = draw(subject.examples(), count, random);
    start = network(subject.initial());
    this.random = random;
  }

  private void requireFeasible(int count) {
    options.requireMeasurable(subject.spec(), subject.options().batchNorm());
    int classes = subject.spec().outputs();
    long order = (long) count * (options.outputs() == KernelOutputs.ALL ? classes : 1);
    if (order > KernelOptions.LARGEST_ORDER) {
      throw new InvalidInputException(
          "the kernel of %d examples and %d outputs is of order %d; allowed: up to %d (fewer"
                  .formatted(count, classes, order, KernelOptions.LARGEST_ORDER)
              + " kernelExamples, or outputs: traced)");
    }
    if (options.linearizedTraining()) {
      requireTestExamples();
    }
    long widest = Math.max(subject.spec().width(), subject.spec().inputs());
    if (count * widest * classes > MOST_DERIVATIVES) {
      throw new InvalidInputException(
          "the kernel of %d examples and %d outputs at width %d needs %,d derivatives at once;"
                  .formatted(count, classes, widest, count * widest * classes)
              + " allowed: up to %,d (fewer kernelExamples)".formatted(MOST_DERIVATIVES));
    }
  }

  private void requireTestExamples() {
    if (subject.data().test().count() < 2) {
      throw new InvalidInputException(
          "linearizedTraining compares on test examples, of which there are %d; allowed: 2 or more"
              .formatted(subject.data().test().count()));
    }
  }

  /** Some examples at random, all of them in their order. */
  private static Examples draw(Examples all, int count, SplittableRandom random) {
    if (count == all.count()) {
      return all;
    }
    return all.select(Arrays.copyOf(RandomPermutation.of(all.count(), random), count));
  }

  private LinearizedNetwork network(float[] theta) {
    return new LinearizedNetwork(subject.spec(), theta, subject.state(), chosen);
  }

  private Measurement measure() throws InterruptedException {
    TangentKernel initial = start.kernel(options.outputs());
    KernelComparison comparison = compare(subject.theta(), initial);
    requireFinite(comparison);
    KernelSpectrum spectrum = KernelSpectrum.of(comparison.kernel());
    SequencedMap<String, Uncertain> scalars = scalars(comparison, spectrum);
    scalars.put("parameterMovement", known(movement(subject.theta())));
    List<Table> tables = new ArrayList<>();
    tables.add(spectra(spectrum, KernelSpectrum.of(initial)));
    Integer looks = options.looks();
    if (looks != null && subject.snapshot() == null) {
      tables.add(course(initial, looks));
    }
    if (options.linearizedTraining() && subject.snapshot() == null) {
      Examples test = subject.data().test();
      Examples some = draw(test, Math.min(options.kernelExamples(), test.count()), random);
      int compared = looks == null ? FEWEST_LOOKS : looks;
      tables.add(new LinearizedDisagreement(subject, chosen, some).compare(compared, scalars));
    }
    KernelMeasurement details =
        new KernelMeasurement(
            chosen.count(),
            subject.examples().count(),
            options.outputs(),
            comparison.kernel().order(),
            spectrum.noiseFloor());
    return new Measurement(scalars, details, tables, Map.of());
  }

  private KernelComparison compare(float[] theta, TangentKernel initial)
      throws InterruptedException {
    return KernelComparison.of(
        network(theta), start, initial, theta, chosen.labels(), options.outputs());
  }

  private static void requireFinite(KernelComparison comparison) {
    // Every entry has its part in the inner product.
    if (!Double.isFinite(comparison.kernel().inner(comparison.initial()))) {
      throw new InvalidInputException(
          "the kernel is not finite: the network's parameters or activations are too large");
    }
  }

  private double movement(float[] theta) {
    double moved = 0;
    double before = 0;
    for (int i = 0; i < theta.length; i++) {
      double at = subject.initial()[i];
      moved += (theta[i] - at) * (theta[i] - at);
      before += at * at;
    }
    return Math.sqrt(moved / before);
  }

  private SequencedMap<String, Uncertain> scalars(
      KernelComparison comparison, KernelSpectrum spectrum) {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    figures(comparison, spectrum).forEach((name, value) -> scalars.put(name, known(value)));
    if (!all()) {
      GroupJackknife jackknife = new GroupJackknife(chosen.count(), subject.examples().count());
      List<SequencedMap<String, Double>> without = new ArrayList<>();
      for (int[] remaining : jackknife.remaining()) {
        KernelComparison part = comparison.select(remaining);
        without.add(figures(part, KernelSpectrum.of(part.kernel())));
      }
      scalars.replaceAll(
          (name, scalar) -> {
            double[] values = without.stream().mapToDouble(part -> part.get(name)).toArray();
            return Arrays.stream(values).allMatch(Double::isFinite)
                ? scalar.with(jackknife.error(values))
                : Uncertain.of(scalar.value(), List.of(), false);
          });
    }
    scalars.put("conditionNumber", conditionNumber(spectrum));
    return scalars;
  }

  private boolean all() {
    return chosen.count() == subject.examples().count();
  }

  private Uncertain conditionNumber(KernelSpectrum spectrum) {
    double condition = spectrum.conditionNumber();
    if (Double.isNaN(condition)) {
      return known(condition);
    }
    double rounding = condition * spectrum.noiseFloor() / spectrum.smallest();
    return Uncertain.of(condition, List.of(Contribution.known(Source.ROUNDING, rounding)), all());
  }

  private static SequencedMap<String, Double> figures(
      KernelComparison comparison, KernelSpectrum spectrum) {
    SequencedMap<String, Double> figures = comparison.figures();
    figures.putAll(spectrum.figures());
    return figures;
  }

  private static Uncertain known(double value) {
    return Uncertain.of(value, List.of(), !Double.isNaN(value));
  }

  private static Table spectra(KernelSpectrum trained, KernelSpectrum initial) {
    Table.Builder table = new Table.Builder("spectrum", "rank", "eigenvalue", "initialEigenvalue");
    for (int i = 0; i < trained.eigenvalues().length; i++) {
      table.row(i + 1, trained.eigenvalues()[i], initial.eigenvalues()[i]);
    }
    return table.build();
  }

  /** The figures at some steps of the training. */
  private Table course(TangentKernel initial, int looks) throws InterruptedException {
    List<String> columns = new ArrayList<>(List.of("step", "parameterMovement"));
    List<double[]> rows = new ArrayList<>();
    LookSteps steps = new LookSteps(looks, subject.retraining().steps());
    subject
        .retraining()
        .run(
            steps::next,
            snapshot -> {
              float[] theta = snapshot.state().parameters();
              SequencedMap<String, Double> figures = compare(theta, initial).figures();
              if (rows.isEmpty()) {
                columns.addAll(figures.keySet());
              }
              double[] row = new double[columns.size()];
              row[0] = snapshot.step();
              row[1] = movement(theta);
              int next = 2;
              for (double value : figures.values()) {
                row[next++] = value;
              }
              rows.add(row);
            });
    return new Table("drift", columns, rows);
  }
}
