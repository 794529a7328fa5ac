package org.basin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The sentences and figures that a report opens with. Each is computed from the results; one that
 * they do not support is left out.
 *
 * @param headlines figures to be set large
 * @param sentences what was found
 */
record Findings(List<Headline> headlines, List<String> sentences) {

  /**
   * One figure to be set large.
   *
   * @param title what it is
   * @param value the figure
   * @param note where it is and how sure
   */
  record Headline(String title, String value, String note) {}

  /** With more series than this, only what holds across all of them is said. */
  private static final int MOST_SERIES_TOLD = 3;

  /** Reads the findings off a sweep; {@code landmarks} has one entry a series, or none at all. */
  static Findings of(Sweep sweep, List<Landmarks> landmarks, List<ProbeScalars> probes) {
    List<Headline> headlines = new ArrayList<>();
    List<String> sentences = new ArrayList<>();
    SweepAxis axis = sweep.axis();
    boolean single = sweep.series().size() == 1;
    if (axis.isNumeric() && sweep.series().size() <= MOST_SERIES_TOLD) {
      for (int i = 0; i < sweep.series().size(); i++) {
        SweepSeries series = sweep.series().get(i);
        Landmarks marks = landmarks.get(i);
        String prefix = single ? "" : "With " + series.label() + ", ";
        if (single) {
          addThresholdHeadline(headlines, axis, series, marks);
          addZeroHeadline(headlines, axis, series.points());
          addPeakHeadline(headlines, axis, series, marks.errorPeak());
        }
        addTestError(sentences, prefix, axis, series, marks.errorPeak());
        addThreshold(sentences, prefix, axis, series, marks);
        if (single) {
          addTestLoss(sentences, axis, series, marks.lossPeak());
          addZero(sentences, axis, series);
        }
      }
    }
    if (axis.isNumeric() && !single) {
      addRanges(headlines, sweep, landmarks);
    }
    addLowest(headlines, sentences, sweep);
    sentences.addAll(LandscapeFindings.sentences(sweep, probes));
    addDiverged(sentences, sweep);
    addOneSeed(sentences, sweep);
    return new Findings(List.copyOf(headlines), List.copyOf(sentences));
  }

  private static void addThresholdHeadline(
      List<Headline> headlines, SweepAxis axis, SweepSeries series, Landmarks marks) {
    if (!marks.interpolation().isInside()) {
      return;
    }
    int examples = series.points().getFirst().trainExamples();
    headlines.add(
        new Headline(
            "Interpolation threshold",
            axis.label() + " " + Wording.position(axis, marks.interpolation().at()),
            "P"
                + Wording.NO_BREAK
                + "≈"
                + Wording.NO_BREAK
                + Wording.count(Math.round(marks.interpolationParameters()))
                + " = "
                + Wording.ratio(marks.interpolationParameters() / examples)
                + " n"
                + seedRange(axis, marks)));
  }

  /** Where the thresholds and the peaks of several series lie. */
  private static void addRanges(List<Headline> headlines, Sweep sweep, List<Landmarks> landmarks) {
    List<Double> thresholds = new ArrayList<>();
    List<Double> peaks = new ArrayList<>();
    for (int i = 0; i < landmarks.size(); i++) {
      Landmarks marks = landmarks.get(i);
      if (marks.interpolation().isInside()) {
        thresholds.add(marks.interpolation().at());
      }
      Peak peak = marks.errorPeak();
      if (peak != null) {
        peaks.add(sweep.series().get(i).points().get(peak.at()).x());
      }
    }
    addRange(headlines, "Interpolation threshold", sweep, thresholds);
    addRange(headlines, "Test error peaks", sweep, peaks);
  }

  private static void addRange(
      List<Headline> headlines, String title, Sweep sweep, List<Double> places) {
    if (places.isEmpty()) {
      return;
    }
    places.sort(null);
    String low = Wording.position(sweep.axis(), places.getFirst());
    String high = Wording.position(sweep.axis(), places.getLast());
    headlines.add(
        new Headline(
            title,
            sweep.axis().label() + " " + (low.equals(high) ? low : low + " to " + high),
            "in " + places.size() + " of " + sweep.series().size() + " series"));
  }

  private static void addZeroHeadline(
      List<Headline> headlines, SweepAxis axis, List<SweepPoint> points) {
    OptionalInt from = zeroFrom(points);
    if (from.isEmpty()) {
      return;
    }
    SweepPoint point = points.get(from.getAsInt());
    boolean last = from.getAsInt() == points.size() - 1;
    headlines.add(
        new Headline(
            "Training error reaches zero",
            (last ? "at " : "from ") + place(axis, point),
            parameters(point) + (point.replicas().size() > 1 ? "; in all seeds" : "")));
  }

  private static void addPeakHeadline(
      List<Headline> headlines, SweepAxis axis, SweepSeries series, @Nullable Peak peak) {
    if (peak == null) {
      return;
    }
    SweepPoint top = series.points().get(peak.at());
    headlines.add(
        new Headline(
            "Test error peaks",
            Wording.percent(top.estimate(Metric.TEST_ERROR)),
            "at " + place(axis, top) + ", " + parameters(top)));
  }

  private static void addTestError(
      List<String> sentences,
      String prefix,
      SweepAxis axis,
      SweepSeries series,
      @Nullable Peak peak) {
    List<Estimate> curve = series.curve(Metric.TEST_ERROR);
    List<SweepPoint> points = series.points();
    if (peak != null) {
      SweepPoint top = points.get(peak.at());
      sentences.add(
          start(prefix, "Test error falls to ")
              + Wording.percent(curve.get(peak.before()))
              + " at "
              + place(axis, points.get(peak.before()))
              + ", peaks at "
              + place(axis, top)
              + " ("
              + parameters(top)
              + ") at "
              + Wording.percent(curve.get(peak.at()))
              + ", and falls again to "
              + Wording.percent(curve.get(peak.after()))
              + " at "
              + place(axis, points.get(peak.after()))
              + ".");
      return;
    }
    int first = firstMeasured(curve);
    int lowest = Peak.lowest(curve, 0, curve.size());
    if (lowest <= first || !Peak.clearlyAbove(curve.get(first), curve.get(lowest))) {
      return;
    }
    int highest = highest(curve, lowest + 1);
    boolean rises = highest >= 0 && Peak.clearlyAbove(curve.get(highest), curve.get(lowest));
    sentences.add(
        start(prefix, "Test error falls from ")
            + Wording.percent(curve.get(first))
            + " at "
            + place(axis, points.get(first))
            + " to "
            + Wording.percent(curve.get(lowest))
            + " at "
            + place(axis, points.get(lowest))
            + (rises
                ? ", then rises to "
                    + Wording.percent(curve.get(highest))
                    + " at "
                    + place(axis, points.get(highest))
                : "")
            + (axis.label().equals("width") ? "; no peak with a fall after it stands out." : "."));
  }

  private static int highest(List<Estimate> curve, int from) {
    int highest = -1;
    for (int i = from; i < curve.size(); i++) {
      if (curve.get(i).count() > 0
          && (highest < 0 || curve.get(i).mean() > curve.get(highest).mean())) {
        highest = i;
      }
    }
    return highest;
  }

  /** The start of a sentence, in lower case after a prefix. */
  private static String start(String prefix, String text) {
    return prefix.isEmpty()
        ? text
        : prefix + Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }

  private static void addTestLoss(
      List<String> sentences, SweepAxis axis, SweepSeries series, @Nullable Peak peak) {
    if (peak == null) {
      return;
    }
    SweepPoint top = series.points().get(peak.at());
    SweepPoint after = series.points().get(peak.after());
    sentences.add(
        "Test loss peaks at "
            + place(axis, top)
            + " ("
            + parameters(top)
            + ") at "
            + Wording.estimate(top.estimate(Metric.TEST_LOSS))
            + " and falls to "
            + Wording.estimate(after.estimate(Metric.TEST_LOSS))
            + " at "
            + place(axis, after)
            + ".");
  }

  private static void addThreshold(
      List<String> sentences, String prefix, SweepAxis axis, SweepSeries series, Landmarks marks) {
    if (marks.interpolation().isInside()) {
      int examples = series.points().getFirst().trainExamples();
      sentences.add(
          start(prefix, "Mean training error crosses 1 % at ")
              + axis.label()
              + " "
              + Wording.position(axis, marks.interpolation().at())
              + " (P"
              + Wording.NO_BREAK
              + "≈"
              + Wording.NO_BREAK
              + Wording.count(Math.round(marks.interpolationParameters()))
              + ", "
              + Wording.ratio(marks.interpolationParameters() / examples)
              + " n"
              + seedRange(axis, marks)
              + ").");
    }
  }

  private static void addZero(List<String> sentences, SweepAxis axis, SweepSeries series) {
    List<SweepPoint> points = series.points();
    OptionalInt from = zeroFrom(points);
    if (from.isPresent()) {
      SweepPoint point = points.get(from.getAsInt());
      boolean last = from.getAsInt() == points.size() - 1;
      int seeds = point.replicas().size();
      sentences.add(
          "Training error reaches zero "
              + (last ? "at " : "from ")
              + place(axis, point)
              + (seeds == 1 ? "" : " in all seeds")
              + ".");
    } else if (points.stream().allMatch(point -> point.reachingZeroTrainError() == 0)) {
      List<Estimate> curve = series.curve(Metric.TRAIN_ERROR);
      int lowest = Peak.lowest(curve, 0, curve.size());
      if (lowest >= 0) {
        sentences.add(
            "No replica reaches zero training error; the lowest mean is "
                + Wording.percent(curve.get(lowest))
                + " at "
                + place(axis, points.get(lowest))
                + ".");
      }
    }
  }

  /** First point from which on every replica that is done ends with zero training error. */
  private static OptionalInt zeroFrom(List<SweepPoint> points) {
    int from = points.size();
    while (from > 0
        && points.get(from - 1).reachingZeroTrainError()
            == points.get(from - 1).replicas().size()) {
      from--;
    }
    return from == points.size() ? OptionalInt.empty() : OptionalInt.of(from);
  }

  private static void addLowest(List<Headline> headlines, List<String> sentences, Sweep sweep) {
    SweepSeries bestSeries = null;
    int best = -1;
    Estimate lowest = Estimate.of();
    int measured = 0;
    for (SweepSeries series : sweep.series()) {
      List<Estimate> curve = series.curve(Metric.TEST_ERROR);
      measured += (int) curve.stream().filter(estimate -> estimate.count() > 0).count();
      int candidate = Peak.lowest(curve, 0, curve.size());
      if (candidate >= 0 && !(curve.get(candidate).mean() >= lowest.mean())) {
        bestSeries = series;
        best = candidate;
        lowest = curve.get(candidate);
      }
    }
    if (bestSeries == null) {
      return;
    }
    SweepPoint point = bestSeries.points().get(best);
    String where =
        sweep.axis().scale() == SweepAxis.Scale.NONE
            ? parameters(point)
            : "at " + place(sweep.axis(), point) + ", " + parameters(point);
    String settings = bestSeries.label().isEmpty() ? "" : ", " + bestSeries.label();
    headlines.add(
        new Headline(
            measured > 1 ? "Lowest test error" : "Test error",
            Wording.percent(lowest),
            where + settings));
    if (sweep.series().size() > 1) {
      sentences.add(
          "The lowest mean test error of all points is "
              + Wording.percent(lowest)
              + ", "
              + where
              + settings
              + ".");
    }
  }

  private static void addDiverged(List<String> sentences, Sweep sweep) {
    long diverged = 0;
    List<String> places = new ArrayList<>();
    for (SweepSeries series : sweep.series()) {
      for (SweepPoint point : series.points()) {
        int here = point.replicas().size() - point.finished().size();
        diverged += here;
        if (here > 0 && sweep.axis().scale() != SweepAxis.Scale.NONE) {
          String place = place(sweep.axis(), point);
          if (!places.contains(place)) {
            places.add(place);
          }
        }
      }
    }
    if (diverged == 0) {
      return;
    }
    String at =
        places.isEmpty() ? "" : places.size() <= 5 ? " (" + String.join("; ", places) + ")" : "";
    sentences.add(
        Wording.plural(diverged, "replica")
            + " diverged"
            + at
            + (diverged == 1 ? " and is" : " and are")
            + " in no mean.");
  }

  private static void addOneSeed(List<String> sentences, Sweep sweep) {
    boolean oneSeed =
        sweep.series().stream()
            .flatMap(series -> series.points().stream())
            .allMatch(point -> point.replicas().size() == 1);
    if (oneSeed && !sweep.series().isEmpty()) {
      sentences.add("Every point has one seed: no figure here has an interval.");
    }
  }

  private static int firstMeasured(List<Estimate> curve) {
    for (int i = 0; i < curve.size(); i++) {
      if (curve.get(i).count() > 0) {
        return i;
      }
    }
    return -1;
  }

  private static String place(SweepAxis axis, SweepPoint point) {
    String value = axis.isNumeric() ? Wording.position(axis, point.x()) : point.label();
    return axis.label() + Wording.NO_BREAK + value;
  }

  private static String parameters(SweepPoint point) {
    return "P"
        + Wording.NO_BREAK
        + "="
        + Wording.NO_BREAK
        + Wording.count(point.parameters())
        + " = "
        + Wording.ratio((double) point.parameters() / point.trainExamples())
        + " n";
  }

  private static String seedRange(SweepAxis axis, Landmarks marks) {
    List<Double> seeds = marks.seedThresholds();
    if (seeds.size() < 2) {
      return "";
    }
    String range = seedRangeText(axis, marks);
    return "; "
        + (seeds.size() == marks.seeds()
            ? "single seeds at " + range
            : seeds.size() + " of " + marks.seeds() + " single seeds at " + range);
  }

  /** Lowest and highest threshold of a seed: {@code 55 to 60}. */
  static String seedRangeText(SweepAxis axis, Landmarks marks) {
    String low = Wording.position(axis, marks.seedThresholds().getFirst());
    String high = Wording.position(axis, marks.seedThresholds().getLast());
    return low.equals(high) ? low : low + " to " + high;
  }
}
