package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels keep to what NVRTC knows, which has no standard headers, and to what Java can pass. */
class KernelSourceTest {
  private static final Pattern COMMENT = Pattern.compile("//[^\n]*|(?s:/\\*.*?\\*/)");

  private static final Pattern FOREIGN =
      Pattern.compile(
          "\\b(INFINITY|NAN|HUGE_VALF?|FLT_\\w+|DBL_\\w+|U?INT_M\\w+|U?LL?ONG_M\\w+|M_[A-Z0-9_]+"
              + "|NULL|assert|printf|size_t|ptrdiff_t|u?int(8|16|32|64)_t|uintptr_t|std)\\b");

  private static final Pattern KERNEL =
      Pattern.compile(
          "(extern \"C\" )?__global__ void (__launch_bounds__\\([^)]*\\)\\s+)?(\\w+)\\(([^)]*)\\)");

  private static final Set<String> VALUES = Set.of("int", "long long", "float", "double");

  private static Stream<Path> files() {
    return Stream.concat(KernelFiles.all(".cu").stream(), KernelFiles.all(".cuh").stream());
  }

  private static String code(Path file) {
    return COMMENT.matcher(KernelFiles.text(file)).replaceAll("");
  }

  @ParameterizedTest
  @MethodSource("files")
  void includesNothingButOurHeaders(Path file) {
    List<String> headers =
        KernelFiles.all(".cuh").stream().map(header -> header.getFileName().toString()).toList();
    for (String line : code(file).lines().filter(line -> line.contains("include")).toList()) {
      Matcher include = Pattern.compile("#include \"(.*)\"\\s*").matcher(line);
      assertTrue(include.matches() && headers.contains(include.group(1)), line);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void namesNothingOfTheStandardHeaders(Path file) {
    assertEquals(
        List.of(), FOREIGN.matcher(code(file)).results().map(found -> found.group()).toList());
  }

  @ParameterizedTest
  @MethodSource("files")
  void kernelsHaveTheirOwnNamesAndBoundsAndPlainParameters(Path file) {
    String code = code(file);
    assertEquals(
        code.split("__global__", -1).length - 1, KERNEL.matcher(code).results().count(), code);
    KERNEL
        .matcher(code)
        .results()
        .forEach(
            kernel -> {
              assertTrue(kernel.group(1) != null, kernel.group(3) + " is not extern \"C\"");
              assertTrue(kernel.group(2) != null, kernel.group(3) + " has no launch bounds");
              for (String parameter : kernel.group(4).split(",", -1)) {
                String type = parameter.strip().replaceFirst("\\w+$", "").strip();
                assertTrue(
                    VALUES.contains(type) || type.contains("*"),
                    () -> kernel.group(3) + " takes " + parameter.strip());
              }
            });
  }
}
