// The inside of the emulator: devices, streams and what waits in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "abi.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulator {

// cuda.h's numbers.
enum Code {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  CONTEXT_IS_DESTROYED = 709,
  MISALIGNED_ADDRESS = 716,
  LAUNCH_FAILED = 719,
  NOT_SUPPORTED = 801,
  STREAM_CAPTURE_UNSUPPORTED = 900,
  STREAM_CAPTURE_INVALIDATED = 901,
  STREAM_CAPTURE_UNMATCHED = 903,
  STREAM_CAPTURE_WRONG_THREAD = 908,
  CAPTURED_EVENT = 907
};

constexpr int MOST_DEVICES = 16;
constexpr int DEFAULT_SHARED = 48 * 1024;

// Work on a stream: what it returns is a Code.
using Operation = std::shared_ptr<const std::function<int()>>;

struct Capture {
  int mode;  // 0 global, 1 this thread alone, 2 relaxed
  std::thread::id owner;
  std::vector<Operation> operations;
  bool invalid = false;
};

struct Queue {
  std::mutex running;  // held by who runs the queue; taken before the emulator's own lock
  std::deque<Operation> waiting;
  uint64_t queued = 0, done = 0;  // how many operations ever
};

struct Stream {
  int device;
  std::shared_ptr<Queue> queue;  // the null stream's too, unless the stream is non-blocking
  std::unique_ptr<Capture> capture;
};

struct Event {
  int device;
  bool timed;
  bool captured = false;
  std::shared_ptr<Stream> stream;  // of the last record, null before the first
  uint64_t sequence = 0;           // the record's number on that stream
  double milliseconds = 0;
  bool complete = false;
};

struct Graph {
  std::vector<Operation> operations;
};

// A handle of cuBLAS.
struct Products {
  int device;
  void* stream = nullptr;
};

// A part of a module's thread-local memory.
struct Shared {
  size_t offset, bytes;
};

struct Module;

struct Function {
  Module* module;
  const emulated::Kernel* kernel;
  std::vector<Shared> shared;
  size_t staticBytes = 0;
  size_t dynamicLimit = DEFAULT_SHARED;
};

struct Module {
  int device;
  void* library = nullptr;
  const emulated::Module* description = nullptr;
  size_t runningOffset = 0;  // of the pointer to the running thread, in thread-local memory
  size_t dynamicOffset = 0;
  bool dynamic = false;
  std::map<std::string, std::unique_ptr<Function>> functions;
  ~Module();
};

struct Launch {
  std::shared_ptr<Module> module;
  Function* function;
  emulated::Grid grid;
  size_t dynamicBytes;
  std::vector<uint64_t> storage;   // the parameters' values, each at a multiple of 16 bytes
  std::vector<size_t> at;          // where in storage, in words
};

struct Device {
  int retained = 0;
  int lost = SUCCESS;  // what every call returns once the device is lost
  size_t allocated = 0;
  std::shared_ptr<Stream> nullStream;
};

enum class Order { FORWARD, REVERSE, SHUFFLED };

struct Plan {
  std::string function;
  int after;
  int code;
  bool sticky;
};

struct State {
  std::mutex lock;
  bool initialised = false;
  int devices = 2;
  size_t memory = size_t{1} << 30;
  int major = 9, minor = 0, optIn = 227 * 1024;
  Order order = Order::FORWARD;
  uint64_t seed = 0;
  size_t peak = 0;
  Device device[MOST_DEVICES];
  std::unordered_map<void*, std::shared_ptr<Stream>> streams;
  std::unordered_map<void*, std::shared_ptr<Event>> events;
  std::unordered_map<void*, std::shared_ptr<Module>> modules;
  std::unordered_map<void*, std::shared_ptr<Graph>> graphs;
  std::unordered_map<void*, std::shared_ptr<Graph>> executables;
  std::unordered_map<void*, std::shared_ptr<Products>> products;
  std::unordered_map<std::string, long> launches;
  std::unordered_map<std::string, long> calls;  // of CUDA's functions
  std::vector<Plan> plans;
};

State& state();

void say(const std::string& what);

// ---- controls.cpp

// What the call must return before it does anything: a planned failure. Counts the call.
int planned(const char* function);
void countLaunch(const char* kernel);

// ---- driver.cpp

int currentDevice();
// The stream, or null: of this device, and known. The lock is held.
std::shared_ptr<Stream> streamOf(void* handle);
// Puts work on a stream, or into its capture. The lock is held.
int enqueue(const std::shared_ptr<Stream>& stream, std::function<int()> work);
int drain(const std::shared_ptr<Stream>& stream, uint64_t until);
// What a call that could synchronise, allocate or free returns while streams capture. The lock is held.
int unsafeWhileCapturing();
// A call's first check: planned failures, cuInit, a context.
int enter(const char* function, bool needsContext);

// ---- memory.cpp

int allocate(int device, size_t bytes, uintptr_t* address);
// The lock is held by the callers of these.
int release(uintptr_t address);
bool holds(int device, uintptr_t address, size_t bytes);
bool accessible(int device, uintptr_t address);
void* allocateHost(size_t bytes);
int releaseHost(void* address);
void releaseAll(int device);
void releaseAllHost();
void fill(void* at, size_t bytes);

// ---- fibers.cpp

int run(const Launch& launch);

// ---- faults.cpp

void catchFaults();
// Does the work; an access to memory that is not there ends it with ILLEGAL_ADDRESS, a division by zero with
// LAUNCH_FAILED. Nothing in the work may need to be undone.
int guarded(const std::function<int()>& work, const char* what);

}  // namespace emulator
