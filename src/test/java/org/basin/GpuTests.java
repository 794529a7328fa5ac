package org.basin;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.EngineFilter.includeEngines;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests tagged gpu where there is no Maven. Exit code 1 when one failed, or none ran to
 * its end: skipped tests show nothing.
 */
public final class GpuTests {
  private GpuTests() {}

  /** Says of every test how it ended. */
  private record Endings(PrintWriter out) implements TestExecutionListener {
    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      out.printf("SKIPPED     %s: %s%n", test.getDisplayName(), reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      boolean successful = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
      if (test.isTest() || !successful) {
        out.printf("%-11s %s%n", result.getStatus(), test.getDisplayName());
        result.getThrowable().ifPresent(failure -> failure.printStackTrace(out));
      }
    }
  }

  /** Runs them. */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectPackage("org.basin"))
            .filters(includeTags("gpu"), includeEngines("junit-jupiter"))
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener, new Endings(out));
    TestExecutionSummary summary = listener.getSummary();
    boolean good =
        summary.getTotalFailureCount() == 0
            && summary.getTestsAbortedCount() == 0
            && summary.getTestsSucceededCount() > 0;
    out.printf(
        "%d tests succeeded, %d failed, %d were skipped%n",
        summary.getTestsSucceededCount(),
        summary.getTotalFailureCount(),
        summary.getTestsAbortedCount() + summary.getContainersAbortedCount());
    System.exit(good ? 0 : 1);
  }
}
