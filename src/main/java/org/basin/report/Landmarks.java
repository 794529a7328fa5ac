package org.basin.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.basin.store.CompletedReplica;
import org.jspecify.annotations.Nullable;

/**
 * The places that a series is read by. Positions are values of the axis' setting, interpolated
 * between tested values linearly along the axis (in log width on a width axis).
 *
 * @param equalsExamples where P = n, with log P interpolated
 * @param equalsExamplesTimesClasses where P = n K, likewise
 * @param interpolation the measured interpolation threshold: where the mean training error first
 *     falls to {@link #TRAIN_ERROR_LEVEL}
 * @param interpolationParameters P there, NaN when it is not inside the tested range
 * @param seedThresholds the same threshold located in each seed alone, ascending; seeds with no
 *     crossing inside the tested range are left out
 * @param seeds number of seeds looked at for {@code seedThresholds}
 * @param errorPeak peak of the mean test error, null when not supported
 * @param lossPeak peak of the mean test loss, null when not supported
 * @param lowestTestError index of the point of the lowest mean test error, -1 when there is none
 */
record Landmarks(
    Crossing equalsExamples,
    Crossing equalsExamplesTimesClasses,
    Crossing interpolation,
    double interpolationParameters,
    List<Double> seedThresholds,
    int seeds,
    @Nullable Peak errorPeak,
    @Nullable Peak lossPeak,
    int lowestTestError) {

  /** Training error at and below which the training data count as fitted: 1 %. */
  static final double TRAIN_ERROR_LEVEL = 0.01;

  /** Finds the landmarks of a series on a numeric axis. */
  static Landmarks of(SweepSeries series, SweepAxis axis) {
    List<SweepPoint> points = series.points();
    double[] position = map(points, point -> axis.transform(point.x()));
    double[] logParameters = map(points, point -> Math.log((double) point.parameters()));
    double[] logRatio = map(points, p -> Math.log((double) p.parameters() / p.trainExamples()));
    double[] logClassRatio =
        map(points, p -> Math.log(p.parameters() / ((double) p.trainExamples() * p.classes())));
    double[] trainError = map(points, point -> point.estimate(Metric.TRAIN_ERROR).mean());

    Crossing interpolation = Crossing.falling(position, trainError, TRAIN_ERROR_LEVEL);
    double parameters =
        interpolation.isInside()
            ? Math.exp(interpolate(position, logParameters, interpolation.at()))
            : Double.NaN;

    Map<Long, double[]> errorsOfSeeds = new TreeMap<>();
    for (int i = 0; i < points.size(); i++) {
      for (CompletedReplica replica : points.get(i).finished()) {
        errorsOfSeeds.computeIfAbsent(replica.result().seed(), _ -> allNaN(points.size()))[i] =
            replica.result().trainError();
      }
    }
    List<Double> thresholds = new ArrayList<>();
    for (double[] errors : errorsOfSeeds.values()) {
      Crossing crossing = Crossing.falling(position, errors, TRAIN_ERROR_LEVEL);
      if (crossing.isInside()) {
        thresholds.add(axis.invert(crossing.at()));
      }
    }
    thresholds.sort(null);

    return new Landmarks(
        inverted(Crossing.rising(position, logRatio, 0), axis),
        inverted(Crossing.rising(position, logClassRatio, 0), axis),
        inverted(interpolation, axis),
        parameters,
        List.copyOf(thresholds),
        errorsOfSeeds.size(),
        Peak.find(series.curve(Metric.TEST_ERROR)),
        Peak.find(series.curve(Metric.TEST_LOSS)),
        Peak.lowest(series.curve(Metric.TEST_ERROR), 0, points.size()));
  }

  private static Crossing inverted(Crossing crossing, SweepAxis axis) {
    return crossing.isInside()
        ? new Crossing(crossing.place(), axis.invert(crossing.at()))
        : crossing;
  }

  private static double interpolate(double[] x, double[] y, double at) {
    int right = 1;
    while (right < x.length - 1 && x[right] < at) {
      right++;
    }
    double share = (at - x[right - 1]) / (x[right] - x[right - 1]);
    return y[right - 1] + share * (y[right] - y[right - 1]);
  }

  private static double[] map(List<SweepPoint> points, ToDoubleFunction<SweepPoint> figure) {
    return points.stream().mapToDouble(figure).toArray();
  }

  private static double[] allNaN(int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    return values;
  }
}
