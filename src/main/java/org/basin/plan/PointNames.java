package org.basin.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.basin.config.SettingValue;
import org.jspecify.annotations.Nullable;

/**
 * Names of points, which are folders: the settings that vary, by the last part of their paths where
 * that is enough, and the first digits of the hash, e.g. {@code width=256-1f3c9a2b}.
 */
final class PointNames {
  /** Longest name, in characters; what does not fit is cut off before the hash. */
  static final int MAX_LENGTH = 100;

  private static final int HASH_DIGITS = 8;
  private static final Set<String> SAYS_ONLY_WHICH = Set.of("name", "kind");

  private final Map<String, String> shortNames = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  PointNames(List<String> varying) {
    for (String path : varying) {
      boolean ambiguous =
          varying.stream().filter(other -> telling(other).equals(telling(path))).count() > 1;
      shortNames.put(path, ambiguous ? path : telling(path));
    }
  }

  /** A name that no point before had. */
  String next(Map<String, @Nullable Object> varying, String hash) {
    String settings =
        varying.isEmpty()
            ? "point"
            : varying.entrySet().stream()
                .map(each -> shortNames.get(each.getKey()) + "=" + plain(each.getValue()))
                .collect(Collectors.joining(","));
    String name = join(settings, hash.substring(0, HASH_DIGITS));
    // Points that differ in a data file's path alone have one hash.
    for (int copy = 2; !taken.add(name); copy++) {
      name = join(settings, hash.substring(0, HASH_DIGITS) + "-" + copy);
    }
    return name;
  }

  private static String join(String settings, String tail) {
    int room = MAX_LENGTH - tail.length() - 1;
    String head = settings.length() > room ? settings.substring(0, room) : settings;
    return head + "-" + tail;
  }

  /**
   * The last part of the path; the one before where that says only which, e.g. {@code optimizer}.
   */
  private static String telling(String path) {
    String[] parts = path.split("\\.", -1);
    String last = parts[parts.length - 1];
    return SAYS_ONLY_WHICH.contains(last) ? parts[parts.length - 2] : last;
  }

  private static String plain(@Nullable Object value) {
    return switch (value) {
      case null -> "none";
      case List<?> list when list.isEmpty() -> "none";
      case List<?> list -> {
        List<String> parts = new ArrayList<>();
        list.forEach(item -> parts.add(SettingValue.text(item)));
        yield String.join("x", parts);
      }
      case String text ->
          text.substring(text.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._+-]", "_");
      default -> SettingValue.text(value);
    };
  }
}
