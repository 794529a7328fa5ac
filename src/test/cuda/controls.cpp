// What tests set and ask: emulator... functions, beside those of CUDA.

#include <cstdio>
#include <cstring>

#include "emulator.h"

namespace emulator {

State& state() {
  static auto all = new State;  // never destroyed: threads of the host may outlive main
  return *all;
}

void say(const std::string& what) { fprintf(stderr, "CUDA emulator: %s\n", what.c_str()); }

// cuMemAlloc_v2 may be called cuMemAlloc.
static std::string plain(const char* function) {
  std::string name = function;
  return name.size() > 3 && name.compare(name.size() - 3, 3, "_v2") == 0 ? name.substr(0, name.size() - 3) : name;
}

int planned(const char* function) {
  State& all = state();
  std::lock_guard<std::mutex> guard(all.lock);
  all.calls[plain(function)]++;
  for (size_t i = 0; i < all.plans.size(); i++) {
    Plan& plan = all.plans[i];
    if (plan.function != plain(function) || plan.after-- > 0) {
      continue;
    }
    int code = plan.code;
    if (plan.sticky) {
      for (Device& device : all.device) {
        device.lost = code;
      }
    }
    all.plans.erase(all.plans.begin() + static_cast<long>(i));
    return code;
  }
  return SUCCESS;
}

void countLaunch(const char* kernel) { state().launches[kernel]++; }

static void plan(const char* function, int after, int code, bool sticky) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().plans.push_back({plain(function), after, code, sticky});
}

}  // namespace emulator

using namespace emulator;

// How many devices there are, at most 16.
EXPORT void emulatorSetDevices(int count) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().devices = count < 0 ? 0 : count > MOST_DEVICES ? MOST_DEVICES : count;
}

// The memory of each device.
EXPORT void emulatorSetMemory(size_t bytes) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().memory = bytes;
}

// In which order the threads of a block, and the blocks of a grid, run: 0 forward, 1 reverse, 2 shuffled.
EXPORT void emulatorSetOrder(int kind, unsigned long long seed) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().order = kind == 1 ? Order::REVERSE : kind == 2 ? Order::SHUFFLED : Order::FORWARD;
  state().seed = seed;
}

EXPORT void emulatorSetCapability(int major, int minor, int optInSharedBytes) {
  std::lock_guard<std::mutex> guard(state().lock);
  state().major = major;
  state().minor = minor;
  state().optIn = std::min(optInSharedBytes, static_cast<int>(emulated::DYNAMIC_SHARED));
}

// After `after` more calls the function fails once, with this code and without doing anything. Its name is
// CUDA's, with _v2 or without.
EXPORT void emulatorFail(const char* function, int after, int code) { plan(function, after, code, false); }

// As emulatorFail, and all devices are lost: every later call that needs a context fails with the code too,
// until emulatorReset.
EXPORT void emulatorLose(const char* function, int after, int code) { plan(function, after, code, true); }

// Launches of a kernel so far, or of all; a launch into a graph counts once. Those of graphs have the name "graph", and
// are no kernels.
EXPORT long emulatorLaunches(const char* kernel) {
  std::lock_guard<std::mutex> guard(state().lock);
  long total = 0;
  for (const auto& each : state().launches) {
    bool counts = kernel == nullptr ? each.first != "graph" : each.first == kernel;
    total += counts ? each.second : 0;
  }
  return total;
}

// Calls of a function so far, by CUDA's name.
EXPORT long emulatorCalls(const char* function) {
  std::lock_guard<std::mutex> guard(state().lock);
  return state().calls[plain(function)];
}

// Bytes of device memory that are allocated now, on all devices.
EXPORT size_t emulatorAllocated() {
  std::lock_guard<std::mutex> guard(state().lock);
  size_t total = 0;
  for (const Device& device : state().device) {
    total += device.allocated;
  }
  return total;
}

// The most that emulatorAllocated has been since the last reset.
EXPORT size_t emulatorPeak() {
  std::lock_guard<std::mutex> guard(state().lock);
  return state().peak;
}

// Streams, events, modules, graphs and handles of cuBLAS that nobody destroyed yet.
EXPORT long emulatorHandles() {
  std::lock_guard<std::mutex> guard(state().lock);
  const State& all = state();
  return static_cast<long>(all.streams.size() + all.events.size() + all.modules.size() + all.graphs.size() +
                           all.executables.size() + all.products.size());
}

// Everything as at the start, except that cuInit stays done: handles and memory of before are gone.
EXPORT void emulatorReset() {
  std::lock_guard<std::mutex> guard(state().lock);
  State& all = state();
  for (int i = 0; i < MOST_DEVICES; i++) {
    releaseAll(i);
    all.device[i] = Device{};
  }
  releaseAllHost();
  all.streams.clear();
  all.events.clear();
  all.modules.clear();
  all.graphs.clear();
  all.executables.clear();
  all.products.clear();
  all.launches.clear();
  all.calls.clear();
  all.plans.clear();
  State fresh;
  all.devices = fresh.devices;
  all.memory = fresh.memory;
  all.major = fresh.major;
  all.minor = fresh.minor;
  all.optIn = fresh.optIn;
  all.order = fresh.order;
  all.seed = fresh.seed;
  all.peak = 0;
}
