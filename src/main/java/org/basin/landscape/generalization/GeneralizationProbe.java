package org.basin.landscape.generalization;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
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
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossEvaluation;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * Measures what is said to tell how well a network generalises (Jiang et al. 2020, "Fantastic
 * generalization measures and where to find them"), and how well it does. Batch normalisation is
 * folded into the weights first, {@link FoldedNetwork}; W_l are layers' weights, W_l⁰ those before
 * training, m the output margins of the training examples under the labels that they were trained
 * with, and ρ the largest slope of the activation.
 *
 * <pre>
 * errorGap, lossGap              test minus training error and loss
 * frobeniusNorm                  √Σ ‖W_l‖_F²
 * frobeniusProduct               Π ‖W_l‖_F
 * spectralProduct                Π ‖W_l‖₂
 * stableRankSum                  Σ ‖W_l‖_F² / ‖W_l‖₂²
 * pathNorm                       √Σ_paths Π w²                              Neyshabur et al. 2015
 * distanceFromStart              √Σ ‖W_l − W_l⁰‖_F²
 * spectralDistanceFromStart      √Σ ‖W_l − W_l⁰‖₂²
 * relativeDistanceFromStart      Σ ‖W_l − W_l⁰‖_F² / ‖W_l‖₂²                Neyshabur et al. 2018
 * spectralComplexity             R of {@link NetworkNorms#spectralComplexity}, Bartlett et al. 2017
 * margin, marginMedian, marginMinimum     10th percentile, median and minimum of m
 * spectralMargin                 10th percentile of m / (ρ^(L−1) Π ‖W_l‖₂)
 * pathMargin                     10th percentile of m / pathNorm
 * complexityMargin               10th percentile of m n / (R ‖X‖_F)        Bartlett et al. 2017
 * noiseSize, magnitudeNoiseSize  σ* of {@link ParameterNoise}, s = 1 and s = |θ|
 * boundComplexity                c of {@link PacBayesBound} at σ = noiseSize
 * pacBayesBound                  the error that it bounds the noisy network's by
 * </pre>
 *
 * <p>Norms are of weights alone, the path norm has biases too, noise is on every parameter. Jiang
 * et al. add 10⁻³ to the noise on each parameter of magnitude-aware noise; here a parameter of 0
 * stays. Norms have the error of the spectral norms' iteration, gaps that of the finite test set,
 * noise sizes and the bound that of the draws; margins are exact.
 *
 * <p>With the default options it runs the network some 900 times on all examples, and its singular
 * values cost min(fanIn, fanOut)³ a layer up to {@link SpectralNorm#LARGEST_EXACT}.
 */
public final class GeneralizationProbe {
  private static final String NONE = "none";

  /** The probe by its name. */
  public static final ProbeKind<GeneralizationOptions> KIND =
      new ProbeKind<>(
          "generalization",
          1,
          "norms, margins, distance from the start, PAC-Bayes flatness, and the generalisation gap",
          GeneralizationOptions.class,
          options -> (subject, random) -> new GeneralizationProbe(subject, options).measure(random),
          "A network with more parameters than examples could fit any labels, yet often"
              + " generalises: the number of parameters cannot be what limits its test error. Many"
              + " other quantities have been proposed: norms of the weights, margins divided by"
              + " norms (Bartlett et al. 2017), how much noise the weights bear (PAC-Bayes)."
              + " Jiang et al. (2020) compared forty of them over ten thousand networks: those of"
              + " flatness ranked networks best, and several norms ranked them the wrong way"
              + " round. Proven bounds that use them are nearly always vacuous, above the error of"
              + " guessing.",
          List.of(
              new Figure(
                  "Margins of the training examples",
                  "How far the right class is ahead of the next one, from the example with the"
                      + " smallest margin to that with the largest. Below 0 the example is"
                      + " misclassified. Margins grow with the weights, so that only margins"
                      + " divided by a norm can be compared between networks.",
                  "margins",
                  new Axis("share", "share of the training examples", false),
                  new Axis("", "output margin", false),
                  List.of(new Trace("margin", Style.MEASURED, "margin")),
                  null),
              noiseFigure(
                  "Noise that the parameters bear",
                  "How much the training error rises, on average, under Gaussian noise of size"
                      + " sigma on every parameter. A flat minimum bears more.",
                  "noise",
                  "noise sigma"),
              noiseFigure(
                  "Noise in proportion to the parameters",
                  "The same with noise in proportion to each parameter's magnitude, which does not"
                      + " change when a neuron's scale is moved from one layer to the next.",
                  "magnitudeNoise",
                  "noise sigma, in units of each parameter")),
          List.of(),
          GeneralizationDefinitions.SCALARS);

  private static final double PERCENTILE = 0.1;
  private static final int MARGIN_ROWS = 100;

  private final Subject subject;
  private final GeneralizationOptions options;
  private final FoldedNetwork network;
  private final FoldedNetwork initial;
  private final int trainExamples;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Table> tables = new ArrayList<>();

  private GeneralizationProbe(Subject subject, GeneralizationOptions options) {
    if (subject.spec().normalized(0) && subject.options().batchNorm() == BatchNormPolicy.BATCH) {
      throw new InvalidInputException(
          "the generalization probe's batchNorm is batch, whose statistics are no constants that"
              + " weights could take up; allowed: frozen, recalibrated");
    }
    if (subject.spec().outputs() < 2) {
      throw new InvalidInputException(
          "the generalization probe needs margins between classes, and the network has one output");
    }
    this.subject = subject;
    this.options = options;
    network = FoldedNetwork.of(subject.spec(), subject.state());
    initial = FoldedNetwork.initial(subject.spec(), subject.initial());
    trainExamples = Math.max(subject.data().train().count(), subject.examples().count());
  }

  private static Figure noiseFigure(String title, String text, String table, String label) {
    return new Figure(
        title,
        text,
        table,
        new Axis("sigma", label, true),
        new Axis("", "rise of the training error", false),
        List.of(new Trace("mean over draws", Style.MEASURED, "errorRise", "low", "high")),
        null);
  }

  private Measurement measure(SplittableRandom random) throws InterruptedException {
    Examples examples = subject.examples();
    PacBayesBound bound;
    try (Objective objective = open(examples)) {
      float[] outputs = objective.outputs(network.theta());
      requireFinite(outputs);
      gaps(outputs);
      NetworkNorms norms = norms(random.split());
      double path = NetworkNorms.pathNorm(network);
      putNorms(norms, path);
      putMargins(Margins.of(outputs, examples), norms, path);
      bound = noise(objective, random);
    }
    String verdict = NONE;
    if (bound != null) {
      double guessing = 1 - 1.0 / examples.classes();
      verdict = scalars.get("pacBayesBound").value() < guessing ? "not vacuous" : "vacuous";
    }
    GeneralizationDetails details =
        new GeneralizationDetails(
            network.theta().length,
            subject.spec().normalized(0),
            NetworkNorms.lipschitz(subject.spec().activation()),
            trainExamples,
            examples.count(),
            subject.data().test().count(),
            bound == null ? Double.NaN : bound.divergence(),
            verdict);
    return new Measurement(scalars, details, tables, Map.of());
  }

  private Objective open(Examples examples) {
    // The folded network has no statistics that could be read.
    return subject
        .engine()
        .objective(
            network.spec(),
            subject.options(),
            examples,
            new NetworkState(network.theta(), new float[0], new float[0]));
  }

  private static void requireFinite(float[] outputs) {
    for (float output : outputs) {
      if (!Float.isFinite(output)) {
        throw new InvalidInputException(
            "the network's outputs are not finite: its parameters are too large");
      }
    }
  }

  private LossEvaluation evaluate(float[] outputs, Examples examples) {
    return LossEvaluation.of(
        subject.options().loss(), outputs, examples.labels(), examples.classes(), 0);
  }

  /**
   * Test minus training figures, as estimates for fresh examples of the test set's distribution.
   */
  private void gaps(float[] trainOutputs) {
    Examples test = subject.data().test();
    int count = test.count();
    if (count < 2) {
      return;
    }
    LossEvaluation train = evaluate(trainOutputs, subject.examples());
    try (Objective objective = open(test)) {
      float[] outputs = objective.outputs(network.theta());
      double[] losses = new double[count];
      double[] errors = new double[count];
      int classes = test.classes();
      for (int i = 0; i < count; i++) {
        LossEvaluation one =
            LossEvaluation.of(
                subject.options().loss(),
                Arrays.copyOfRange(outputs, i * classes, (i + 1) * classes),
                new int[] {test.labels()[i]},
                classes,
                0);
        losses[i] = one.loss();
        errors[i] = one.error();
      }
      scalars.put("errorGap", Uncertain.mean(errors, Source.SUBSAMPLE).plus(-train.error()));
      scalars.put("lossGap", Uncertain.mean(losses, Source.SUBSAMPLE).plus(-train.loss()));
    }
  }

  private NetworkNorms norms(SplittableRandom random) {
    List<LayerNorms> layers = new ArrayList<>();
    Table.Builder table =
        new Table.Builder(
            "layers",
            "layer",
            "fanIn",
            "fanOut",
            "frobenius",
            "spectral",
            "spectralError",
            "stableRank",
            "frobeniusDistance",
            "spectralDistance",
            "groupDistance");
    for (int l = 0; l < network.spec().layers(); l++) {
      LayerNorms layer = LayerNorms.of(network, initial, l, random);
      layers.add(layer);
      table.row(
          l + 1,
          layer.fanIn(),
          layer.fanOut(),
          layer.frobenius(),
          layer.spectral().value(),
          layer.spectral().standardError(),
          layer.stableRank(),
          layer.frobeniusDistance(),
          layer.spectralDistance().value(),
          layer.groupDistance());
    }
    tables.add(table.build());
    return new NetworkNorms(layers, NetworkNorms.lipschitz(subject.spec().activation()));
  }

  private void putNorms(NetworkNorms norms, double path) {
    scalars.put("frobeniusNorm", known(norms.frobenius()));
    scalars.put("frobeniusProduct", known(norms.frobeniusProduct()));
    scalars.put("spectralProduct", norms.spectralProduct());
    scalars.put("stableRankSum", norms.stableRankSum());
    scalars.put("pathNorm", known(path));
    scalars.put("distanceFromStart", known(norms.distance()));
    scalars.put("spectralDistanceFromStart", norms.spectralDistance());
    scalars.put("relativeDistanceFromStart", norms.relativeDistance());
    scalars.put("spectralComplexity", norms.spectralComplexity());
  }

  private void putMargins(Margins margins, NetworkNorms norms, double path) {
    double margin = margins.quantile(PERCENTILE);
    scalars.put("margin", known(margin));
    scalars.put("marginMedian", known(margins.quantile(0.5)));
    scalars.put("marginMinimum", known(margins.quantile(0)));
    Uncertain lipschitz = norms.lipschitzProduct();
    scalars.put("spectralMargin", quotient(margin, lipschitz));
    scalars.put("pathMargin", known(margin / path));
    double squares = 0;
    for (float input : subject.examples().inputs()) {
      squares += (double) input * input;
    }
    // The inputs' norm per example, as if all n had been measured: ‖X‖_F / n falls as 1/√n.
    int measured = subject.examples().count();
    double inputs = Math.sqrt(squares / measured / trainExamples);
    scalars.put("complexityMargin", quotient(margin, norms.spectralComplexity().times(inputs)));
    Table.Builder table =
        new Table.Builder("margins", "share", "margin", "spectralMargin", "pathMargin");
    for (int row = 0; row <= MARGIN_ROWS; row++) {
      double share = (double) row / MARGIN_ROWS;
      double at = margins.quantile(share);
      table.row(share, at, at / lipschitz.value(), at / path);
    }
    tables.add(table.build());
  }

  /** a / b, b's errors with it. */
  private static Uncertain quotient(double a, Uncertain b) {
    double value = a / b.value();
    if (!Double.isFinite(value)) {
      return Uncertain.of(value, List.of(), false);
    }
    return Uncertain.of(value, b.times(value / b.value()).sources(), b.converged());
  }

  /** The sizes of noise, and what they bound; null where no noise raises the error as asked. */
  private @Nullable PacBayesBound noise(Objective objective, SplittableRandom random)
      throws InterruptedException {
    float[] theta = network.theta();
    int parameters = theta.length;
    double[] ones = new double[parameters];
    double[] magnitudes = new double[parameters];
    double squares = 0;
    double moved = 0;
    for (int i = 0; i < parameters; i++) {
      ones[i] = 1;
      magnitudes[i] = Math.abs(theta[i]);
      squares += magnitudes[i] * magnitudes[i];
      double from = initial.theta()[i];
      moved += (theta[i] - from) * (theta[i] - from);
    }
    int draws = options.draws();
    Examples examples = subject.examples();
    ParameterNoise plain =
        new ParameterNoise(objective, examples, theta, ones, draws, random.split());
    double rise = options.errorRise();
    // A tenth of the parameters' root mean square, and of each.
    double start = Math.max(1e-6, 0.1 * Math.sqrt(squares / parameters));
    Uncertain size = plain.size(start, rise, options.tolerance());
    scalars.put("noiseSize", size);
    ParameterNoise relative =
        new ParameterNoise(objective, examples, theta, magnitudes, draws, random.split());
    scalars.put("magnitudeNoiseSize", relative.size(0.1, rise, options.tolerance()));
    PacBayesBound bound = null;
    if (size.converged()) {
      bound =
          PacBayesBound.of(moved, parameters, size.value(), trainExamples, options.confidence());
      scalars.put("boundComplexity", Uncertain.exact(bound.complexity()));
      scalars.put("pacBayesBound", bounded(bound, plain, size.value()));
    } else {
      Uncertain missing = Uncertain.of(Double.NaN, List.of(), false);
      scalars.put("boundComplexity", missing);
      scalars.put("pacBayesBound", missing);
    }
    tables.add(plain.table("noise"));
    tables.add(relative.table("magnitudeNoise"));
    return bound;
  }

  /** The bound of the noisy networks' error, whose training error is known from the draws. */
  private static Uncertain bounded(PacBayesBound bound, ParameterNoise noise, double sigma)
      throws InterruptedException {
    Uncertain error = Uncertain.mean(noise.rises(sigma), Source.PROBES).plus(noise.center());
    double value = bound.error(Math.clamp(error.value(), 0, 1));
    double above = bound.error(Math.clamp(error.value() + error.standardError(), 0, 1));
    return Uncertain.of(
        value,
        List.of(new Contribution(Source.PROBES, Math.abs(above - value), noise.draws() - 1.0)),
        true);
  }

  private static Uncertain known(double value) {
    return Uncertain.of(value, List.of(), Double.isFinite(value));
  }
}
