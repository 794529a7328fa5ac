package org.basin.landscape;

import java.util.Objects;

/**
 * A probe with its options: what an experiment's {@code probes} name.
 *
 * @param kind the probe
 * @param conditions what every probe lets one choose
 * @param options its own, of the kind's class
 */
public record ProbeRequest(ProbeKind<?> kind, ProbeConditions conditions, Record options) {

  /** Checks that the options are of the kind's class. */
  public ProbeRequest {
    if (!kind.options().isInstance(options)) {
      throw new IllegalArgumentException(
          "%s takes %s, not %s"
              .formatted(kind.name(), kind.options(), Objects.requireNonNull(options).getClass()));
    }
  }
}
