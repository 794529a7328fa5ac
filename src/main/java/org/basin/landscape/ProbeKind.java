package org.basin.landscape;

import java.util.function.Function;

/**
 * A probe by its name.
 *
 * @param name as files and the command line spell it
 * @param version raised whenever the same request gives other numbers or another form; results of
 *     another version are measured again
 * @param summary what it measures, half a line
 * @param options class of its options, a record with {@code DEFAULTS}
 * @param probe makes the probe of some options
 */
public record ProbeKind<O extends Record>(
    String name, int version, String summary, Class<O> options, Function<O, Probe> probe) {

  /** The probe of {@code some} options, which are of this kind's class. */
  public Probe open(Record some) {
    return probe.apply(options.cast(some));
  }
}
