package org.basin.landscape;

import java.util.List;
import org.basin.landscape.connectivity.ConnectivityProbe;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.landscape.generalization.GeneralizationProbe;
import org.basin.landscape.kernel.KernelProbe;
import org.basin.landscape.saddle.SaddleProbe;
import org.basin.landscape.sharpness.BasinWidthProbe;
import org.basin.landscape.sharpness.SharpnessProbe;
import org.basin.landscape.stationarity.StationarityProbe;
import org.basin.landscape.surface.SurfaceProbe;
import org.basin.landscape.trajectory.TrajectoryProbe;
import org.jspecify.annotations.Nullable;

/** Every probe that there is. */
public final class ProbeCatalog {
  /** The probes, in the order that lists of them have. */
  public static final List<ProbeKind<?>> PROBES =
      List.of(
          HessianProbe.KIND,
          SharpnessProbe.KIND,
          BasinWidthProbe.KIND,
          SurfaceProbe.KIND,
          TrajectoryProbe.KIND,
          KernelProbe.KIND,
          ConnectivityProbe.KIND,
          GeneralizationProbe.KIND,
          StationarityProbe.KIND,
          SaddleProbe.KIND);

  private ProbeCatalog() {}

  /** The probe called {@code name}; null when there is none. */
  public static @Nullable ProbeKind<?> find(String name) {
    return PROBES.stream().filter(kind -> kind.name().equals(name)).findFirst().orElse(null);
  }

  /** The names of all probes. */
  public static List<String> names() {
    return PROBES.stream().<String>map(ProbeKind::name).toList();
  }
}
