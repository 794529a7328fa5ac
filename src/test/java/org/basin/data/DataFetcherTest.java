package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.data.DataFetcher.FetchedFile;
import org.basin.data.DataFetcher.RemoteDataset;
import org.basin.data.DataFetcher.RemoteFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFetcherTest {
  private static final byte[] IMAGES = IdxFiles.images(4);
  private static final byte[] LABELS = IdxFiles.labels(0, 1, 1, 0);

  @TempDir Path folder;

  /** What the server on loopback has, by path; anything else is 404. */
  private final Map<String, byte[]> served = new ConcurrentHashMap<>();

  private final List<String> asked = new ArrayList<>();
  private HttpServer server;
  private URI root;
  private Path target;

  @BeforeEach
  void serve() throws IOException {
    target = folder.resolve("home").resolve("mnist");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          byte[] body = served.get(path);
          if (path.endsWith("/cut")) {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            exchange.close();
          } else if (body == null) {
            exchange.sendResponseHeaders(404, -1);
          } else {
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
              out.write(body);
            }
          }
        });
    server.start();
    root = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    served.put("/a/images.gz", IdxFiles.gzip(IMAGES));
    served.put("/a/labels.gz", IdxFiles.gzip(LABELS));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void downloadsEveryFileAndKeepsWhatIsWhole() throws Exception {
    List<FetchedFile> told = new ArrayList<>();
    List<FetchedFile> first = fetcher("a/").fetch(told::add);
    assertEquals(told, first);
    assertEquals(
        List.of(
            new FetchedFile(target.resolve("images.gz"), true, root + "a/images.gz"),
            new FetchedFile(target.resolve("labels.gz"), true, root + "a/labels.gz")),
        first);
    assertArrayEquals(served.get("/a/images.gz"), Files.readAllBytes(target.resolve("images.gz")));
    assertEquals(List.of("images.gz", "labels.gz"), filesThere());

    asked.clear();
    List<FetchedFile> second = fetcher("a/").fetch(file -> {});
    assertEquals(
        List.of(
            new FetchedFile(target.resolve("images.gz"), false, ""),
            new FetchedFile(target.resolve("labels.gz"), false, "")),
        second);
    assertEquals(List.of(), asked);
  }

  @Test
  void aDamagedFileIsReplaced() throws Exception {
    Files.createDirectories(target);
    byte[] whole = IdxFiles.gzip(IMAGES);
    Files.write(target.resolve("images.gz"), Arrays.copyOf(whole, whole.length - 5));
    List<FetchedFile> fetched = fetcher("a/").fetch(file -> {});
    assertTrue(fetched.getFirst().downloaded());
    assertArrayEquals(whole, Files.readAllBytes(target.resolve("images.gz")));
  }

  @Test
  void theNextMirrorIsTriedWhenOneFails() throws Exception {
    List<FetchedFile> fetched = fetcher("none/", "a/").fetch(file -> {});
    assertEquals(root + "a/images.gz", fetched.getFirst().from());
    assertEquals(
        List.of("/none/images.gz", "/a/images.gz", "/none/labels.gz", "/a/labels.gz"), asked);
  }

  @Test
  void anHttpErrorOnEveryMirrorLeavesNothing() throws Exception {
    assertRefused(
        fetcher("none/", "nowhere/"),
        "cannot fetch images.gz: "
            + root
            + "none/images.gz: HTTP status 404; "
            + root
            + "nowhere/images.gz: HTTP status 404");
    assertEquals(List.of(), filesThere());
  }

  @Test
  void aWrongChecksumLeavesNothing() throws Exception {
    served.put("/a/images.gz", IdxFiles.gzip(LABELS));
    assertRefused(
        fetcher("a/"),
        "cannot fetch images.gz: %sa/images.gz: wrong MD5 checksum %s, expected %s"
            .formatted(root, md5(LABELS), md5(IMAGES)));
    assertEquals(List.of(), filesThere());
  }

  @Test
  void theSumCanBeThatOfTheCompressedFile() throws Exception {
    byte[] compressed = served.get("/a/images.gz");
    RemoteDataset dataset =
        new RemoteDataset(
            List.of(root.resolve("a/")),
            false,
            List.of(new RemoteFile("images.gz", md5(compressed))));
    assertEquals(1, new DataFetcher(dataset, target).fetch(file -> {}).size());
  }

  @Test
  void aDownloadThatBreaksOffLeavesNothing() throws Exception {
    RemoteDataset dataset =
        new RemoteDataset(List.of(root), true, List.of(new RemoteFile("cut", "0".repeat(32))));
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class, () -> new DataFetcher(dataset, target).fetch(file -> {}));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("cannot fetch cut: " + root + "cut: network failure: "), message);
    assertEquals(1, message.lines().count());
    assertEquals(List.of(), filesThere());
  }

  @Test
  void aMirrorThatIsNotThere() throws Exception {
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closedPort = socket.getLocalPort();
    }
    URI nobody = URI.create("http://localhost:" + closedPort + "/");
    RemoteDataset dataset =
        new RemoteDataset(List.of(nobody), true, List.of(new RemoteFile("images.gz", md5(IMAGES))));
    assertRefused(
        new DataFetcher(dataset, target),
        "cannot fetch images.gz: " + nobody + "images.gz: network failure: cannot connect");
    assertEquals(List.of(), filesThere());
  }

  @Test
  void aFolderThatCannotBeMade() throws Exception {
    Path file = Files.writeString(folder.resolve("home"), "in the way");
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> fetcher("a/").fetch(done -> {}));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(target + ": cannot be written to: "), message);
    assertEquals("in the way", Files.readString(file));
  }

  @Test
  void onlyTwoSourcesAreFetched() {
    assertEquals(
        "iris is not fetched (comes with Basin (datasets/)), allowed: mnist, fashion-mnist",
        assertThrows(InvalidInputException.class, () -> DataFetcher.of(DataSource.IRIS))
            .getMessage());
    for (DataSource source : DataFetcher.fetchable()) {
      assertEquals(
          DataHome.path().resolve(DatasetCatalog.name(source)), DataFetcher.of(source).directory());
      assertEquals(4, DataFetcher.files(source).size());
    }
  }

  /** The real MNIST files pass the checksums that the real fetcher has, so nothing is fetched. */
  @Test
  void theChecksumsAreThoseOfMnist() {
    Path mnist = SharedData.require("mnist");
    List<FetchedFile> kept = new DataFetcher(DataFetcher.MNIST, mnist).fetch(file -> {});
    assertEquals(
        List.of(false, false, false, false), kept.stream().map(FetchedFile::downloaded).toList());
  }

  @Test
  void theDataHomeIsThePropertyElseTheEnvironmentElseTheCache() {
    assertEquals(Path.of("p"), DataHome.path("p", "e"));
    assertEquals(Path.of("e"), DataHome.path(null, "e"));
    assertEquals(
        Path.of(System.getProperty("user.home"), ".cache", "basin"), DataHome.path(null, ""));
  }

  private DataFetcher fetcher(String... mirrors) throws Exception {
    return new DataFetcher(
        new RemoteDataset(
            Stream.of(mirrors).map(root::resolve).toList(),
            true,
            List.of(
                new RemoteFile("images.gz", md5(IMAGES)),
                new RemoteFile("labels.gz", md5(LABELS)))),
        target);
  }

  private static void assertRefused(DataFetcher fetcher, String message) {
    assertEquals(
        message,
        assertThrows(InvalidInputException.class, () -> fetcher.fetch(file -> {})).getMessage());
  }

  private List<String> filesThere() throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static String md5(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
  }
}
