package org.basin.theory;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every study that there is. */
public final class StudyCatalog {
  /** The studies, in the order that lists of them have. */
  public static final List<StudyKind<?>> STUDIES =
      List.of(
          SaddleEscape.KIND,
          EscapeScaling.KIND,
          ChainEscape.KIND,
          MonkeyEscape.KIND,
          OriginEscape.KIND,
          StationaryPoints.KIND,
          MinimumNorm.KIND,
          MaxMargin.KIND);

  private StudyCatalog() {}

  /** The study called {@code name}; null when there is none. */
  public static @Nullable StudyKind<?> find(String name) {
    return STUDIES.stream().filter(kind -> kind.name().equals(name)).findFirst().orElse(null);
  }

  /** The names of all studies. */
  public static List<String> names() {
    return STUDIES.stream().<String>map(StudyKind::name).toList();
  }
}
