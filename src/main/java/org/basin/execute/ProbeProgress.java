package org.basin.execute;

import org.basin.landscape.ProbeRequest;
import org.basin.measurement.Measurement;
import org.basin.plan.Replica;

/** Told how far the measuring of a sweep has come; called from several threads. */
public interface ProbeProgress {
  /** A replica was measured, which took {@code seconds}. */
  void measured(Replica replica, ProbeRequest request, Measurement measurement, double seconds);

  /** A measurement was there already. */
  void present(Replica replica, ProbeRequest request);

  /** Another process works on the replica. */
  void elsewhere(Replica replica, ProbeRequest request);

  /** A replica could not be measured; {@code problem} is one line that names it. */
  void failed(Replica replica, ProbeRequest request, String problem);
}
