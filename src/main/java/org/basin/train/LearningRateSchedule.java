package org.basin.train;

/**
 * The learning rate as a function of the step, counted from 0.
 *
 * <pre>
 * warmup, t < w:    from + (η - from) t / w
 * then, u = t - w:
 *   constant        η
 *   cosine          floor + (η - floor) (1 + cos(π u / D)) / 2, and floor from u = D on
 *   step            η factor^⌊u / D⌋
 *   exponential     η factor^(u / D)
 * </pre>
 *
 * Cosine: Loshchilov and Hutter 2017, eq. 5, one cycle; warmup: Goyal et al. 2017, section 2.2.
 *
 * @param options the course
 * @param peak learning rate η at the end of warmup
 * @param totalSteps steps of the whole training, which a cosine without {@code decaySteps} ends
 *     with
 */
public record LearningRateSchedule(ScheduleOptions options, double peak, long totalSteps) {

  /** The learning rate of step {@code step}. */
  public double at(long step) {
    long warmup = options.warmupSteps();
    if (step < warmup) {
      return options.warmupFrom() + (peak - options.warmupFrom()) * step / warmup;
    }
    double sinceWarmup = step - warmup;
    return switch (options.name()) {
      case CONSTANT -> peak;
      case COSINE -> cosine(sinceWarmup);
      case STEP -> peak * Math.pow(options.decayFactor(), Math.floor(sinceWarmup / decaySteps()));
      case EXPONENTIAL -> peak * Math.pow(options.decayFactor(), sinceWarmup / decaySteps());
    };
  }

  private double cosine(double sinceWarmup) {
    double length = decaySteps();
    if (sinceWarmup >= length) {
      return options.floor();
    }
    double half = 0.5 * (1 + Math.cos(Math.PI * sinceWarmup / length));
    return options.floor() + (peak - options.floor()) * half;
  }

  private double decaySteps() {
    Integer stated = options.decaySteps();
    return stated != null ? stated : totalSteps - options.warmupSteps();
  }
}
