// The CUDA driver API, as far as the engine uses it.
//
// Stricter than a GPU: what is put on a stream runs only when somebody waits for it (for the stream, the
// context, an event on it, with a synchronous copy or a free), so that memory of the host that is read or
// freed too early shows; copies are checked again when they run; a device's memory may be copied only with
// its own context current; pointers among a launch's parameters must point into the device's memory or
// page-locked memory; page-locked memory that was freed cannot be read.
// As a GPU: work that fails loses the device, and every later call returns the same code.
// Not modelled: time (events tell the time at which the CPU got there), priorities, peer access.

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "emulator.h"

namespace emulator {

thread_local int current = -1;  // the device of the current context

// A context's handle is its device's place in the state.
static void* contextOf(int device) { return &state().device[device]; }

int currentDevice() { return current; }

int enter(const char* function, bool needsContext) {
  if (int code = planned(function)) {
    return code;
  }
  std::lock_guard<std::mutex> guard(state().lock);
  if (!state().initialised) {
    return NOT_INITIALIZED;
  }
  if (!needsContext) {
    return SUCCESS;
  }
  if (current < 0) {
    return INVALID_CONTEXT;
  }
  const Device& device = state().device[current];
  return device.retained == 0 ? CONTEXT_IS_DESTROYED : device.lost;
}

#define ENTER(needsContext)                            \
  if (int entered = enter(__func__, needsContext)) {   \
    return entered;                                    \
  }
#define LOCK() std::lock_guard<std::mutex> guard(state().lock)

std::shared_ptr<Stream> streamOf(void* handle) {
  if (handle == nullptr) {
    return state().device[current].nullStream;
  }
  auto found = state().streams.find(handle);
  return found == state().streams.end() || found->second->device != current ? nullptr : found->second;
}

int enqueue(const std::shared_ptr<Stream>& stream, std::function<int()> work) {
  auto operation = std::make_shared<const std::function<int()>>(std::move(work));
  if (stream->capture != nullptr) {
    if (stream->capture->invalid) {
      return STREAM_CAPTURE_INVALIDATED;
    }
    stream->capture->operations.push_back(std::move(operation));
    return SUCCESS;
  }
  stream->queue->waiting.push_back(std::move(operation));
  stream->queue->queued++;
  return SUCCESS;
}

// Runs what waits on the stream, up to its operation number `until`.
int drain(const std::shared_ptr<Stream>& stream, uint64_t until) {
  Queue& queue = *stream->queue;
  std::lock_guard<std::mutex> running(queue.running);
  Device& device = state().device[stream->device];
  for (;;) {
    Operation operation;
    {
      LOCK();
      if (device.lost != SUCCESS) {
        return device.lost;
      }
      if (queue.waiting.empty() || queue.done >= until) {
        return SUCCESS;
      }
      operation = std::move(queue.waiting.front());
      queue.waiting.pop_front();
    }
    int code = (*operation)();
    LOCK();
    queue.done++;
    if (code != SUCCESS) {
      device.lost = code;
      return code;
    }
  }
}

// Runs what waits on the null stream and those that it waits for, or on all streams of the device.
static int drainDevice(int device, bool all) {
  std::vector<std::shared_ptr<Stream>> streams;
  {
    LOCK();
    streams.push_back(state().device[device].nullStream);
    for (const auto& each : state().streams) {
      if (all && each.second->device == device) {
        streams.push_back(each.second);
      }
    }
  }
  for (const auto& stream : streams) {
    if (int code = drain(stream, UINT64_MAX)) {
      return code;
    }
  }
  return SUCCESS;
}

int unsafeWhileCapturing() {
  bool found = false;
  for (const auto& each : state().streams) {
    Capture* capture = each.second->capture.get();
    if (capture != nullptr &&
        (capture->mode == 0 || (capture->mode == 1 && capture->owner == std::this_thread::get_id()))) {
      capture->invalid = true;
      found = true;
    }
  }
  return found ? STREAM_CAPTURE_UNSUPPORTED : SUCCESS;
}

// As unsafeWhileCapturing, for a caller that does not hold the lock.
static int unsafeCall() {
  LOCK();
  return unsafeWhileCapturing();
}

static double milliseconds() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

// A copy or a fill that runs later: whose device memory must still be there.
static std::function<int()> transfer(int device, std::vector<std::pair<uintptr_t, size_t>> needs,
                                     std::function<void()> work, const char* what) {
  return [=] {
    {
      LOCK();
      for (const auto& each : needs) {
        if (!holds(device, each.first, each.second)) {
          say(std::string(what) + ": its memory was freed before it ran");
          return static_cast<int>(ILLEGAL_ADDRESS);
        }
      }
    }
    return guarded([&] { return work(), static_cast<int>(SUCCESS); }, what);
  };
}

static int copyNow(void* to, const void* from, uintptr_t onDevice, size_t bytes, const char* what) {
  if (int code = unsafeCall()) {
    return code;
  }
  {
    LOCK();
    if (!holds(current, onDevice, bytes)) {
      return INVALID_VALUE;
    }
  }
  if (int code = drainDevice(current, false)) {
    return code;
  }
  return transfer(current, {{onDevice, bytes}}, [=] { memcpy(to, from, bytes); }, what)();
}

static int transferLater(void* handle, std::vector<std::pair<uintptr_t, size_t>> needs, std::function<void()> work,
                         const char* what) {
  LOCK();
  auto stream = streamOf(handle);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  for (const auto& each : needs) {
    if (!holds(current, each.first, each.second)) {
      return INVALID_VALUE;
    }
  }
  return enqueue(stream, transfer(current, std::move(needs), std::move(work), what));
}

template <typename T>
static T* pointer(uintptr_t address) {
  return reinterpret_cast<T*>(address);
}

template <typename Handles>
static auto find(Handles& handles, void* handle) -> decltype(handles.begin()->second) {
  auto found = handles.find(handle);
  return found == handles.end() ? nullptr : found->second;
}

template <typename Handles>
static int forget(Handles& handles, void* handle) {
  return handles.erase(handle) == 1 ? SUCCESS : INVALID_HANDLE;
}

// ---- Modules

Module::~Module() {
  if (library != nullptr) {
    dlclose(library);
  }
}

// What an emulated cubin is: the bytes of a shared library, whose section headers are its end.
static size_t sizeOf(const unsigned char* image) {
  Elf64_Ehdr header;
  memcpy(&header, image, sizeof header);
  return header.e_shoff + size_t{header.e_shnum} * header.e_shentsize;
}

static int load(const unsigned char* image, size_t bytes, Module& module) {
  // A file with a new name: the loader takes a name that it knows for the library that it has.
  const char* under = getenv("TMPDIR");
  std::string path = std::string(under == nullptr ? "/tmp" : under) + "/cuda-module-XXXXXX";
  int file = mkstemp(path.data());
  bool written = file >= 0 && write(file, image, bytes) == static_cast<ssize_t>(bytes);
  module.library = written ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (module.library == nullptr) {
    say("a module cannot be loaded: " + std::string(written ? dlerror() : strerror(errno)));
  }
  if (file >= 0) {
    close(file);
    unlink(path.c_str());
  }
  auto symbol = module.library == nullptr ? nullptr : dlsym(module.library, "emulatedModule");
  module.description = static_cast<const emulated::Module*>(symbol);
  // A module of another version of the emulator, from a cache, might speak otherwise.
  bool ours = module.description != nullptr && strcmp(module.description->emulator, EMULATOR_FOLDER) == 0;
  return ours ? SUCCESS : INVALID_IMAGE;
}

// Which thread-local variables there are, from the symbol table: the shared memory of the kernels, and of
// functions that any of them may call.
static void readShared(const unsigned char* image, Module& module) {
  Elf64_Ehdr header;
  memcpy(&header, image, sizeof header);
  auto sections = reinterpret_cast<const Elf64_Shdr*>(image + header.e_shoff);
  std::map<std::string, std::vector<Shared>> byKernel;
  std::vector<Shared> common;
  for (int s = 0; s < header.e_shnum; s++) {
    if (sections[s].sh_type != SHT_SYMTAB) {
      continue;
    }
    auto symbols = reinterpret_cast<const Elf64_Sym*>(image + sections[s].sh_offset);
    auto names = reinterpret_cast<const char*>(image + sections[sections[s].sh_link].sh_offset);
    for (size_t i = 0; i < sections[s].sh_size / sizeof(Elf64_Sym); i++) {
      if (ELF64_ST_TYPE(symbols[i].st_info) != STT_TLS || symbols[i].st_shndx == SHN_UNDEF) {
        continue;
      }
      std::string name = names + symbols[i].st_name;
      Shared shared{symbols[i].st_value, symbols[i].st_size};
      if (name == "_ZL14emulatedThread") {
        module.runningOffset = shared.offset;
      } else if (name == "emulatedDynamic") {
        module.dynamic = true;
        module.dynamicOffset = shared.offset;
      } else if (shared.bytes > 0) {
        // _ZZ, the length of the function's name, that name, E, and the variable's: local to a kernel.
        char* end = nullptr;
        size_t length = name.compare(0, 3, "_ZZ") == 0 ? strtoul(name.c_str() + 3, &end, 10) : 0;
        std::string local = length == 0 ? "" : std::string(end).substr(0, length);
        (local.empty() ? common : byKernel[local]).push_back(shared);
      }
    }
  }
  for (unsigned k = 0; k < module.description->count; k++) {
    const emulated::Kernel& kernel = module.description->kernels[k];
    auto function = std::make_unique<Function>();
    function->module = &module;
    function->kernel = &kernel;
    function->shared = byKernel[kernel.name];
    byKernel.erase(kernel.name);
    module.functions[kernel.name] = std::move(function);
  }
  for (const auto& rest : byKernel) {  // of functions with C linkage that are no kernels
    common.insert(common.end(), rest.second.begin(), rest.second.end());
  }
  for (auto& each : module.functions) {
    Function& function = *each.second;
    function.shared.insert(function.shared.end(), common.begin(), common.end());
    for (const Shared& part : function.shared) {
      function.staticBytes += part.bytes;
    }
    function.dynamicLimit = DEFAULT_SHARED - std::min<size_t>(function.staticBytes, DEFAULT_SHARED);
  }
}

static Function* functionOf(void* handle, std::shared_ptr<Module>* owner) {
  for (const auto& module : state().modules) {
    for (const auto& function : module.second->functions) {
      if (function.second.get() == handle) {
        *owner = module.second;
        return module.second->device == current ? function.second.get() : nullptr;
      }
    }
  }
  return nullptr;
}

// Whether the launch may be, as a device decides when it is asked for; says what is wrong.
static bool allowed(const Launch& launch) {
  const emulated::Index& block = launch.grid.blockSize;
  const emulated::Index& grid = launch.grid.gridSize;
  const Function& function = *launch.function;
  unsigned most = function.kernel->maxThreads == 0 ? 1024 : function.kernel->maxThreads;
  uint64_t threads = uint64_t{block.x} * block.y * block.z;
  std::string wrong;
  if (threads == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || threads > most) {
    wrong = "a block of " + std::to_string(block.x) + " x " + std::to_string(block.y) + " x " +
            std::to_string(block.z) + " threads, at most " + std::to_string(most);
  } else if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffffu || grid.y > 65535 ||
             grid.z > 65535) {
    wrong = "a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) + " x " +
            std::to_string(grid.z) + " blocks";
  } else if (launch.dynamicBytes > function.dynamicLimit) {
    wrong = std::to_string(launch.dynamicBytes) + " bytes of dynamic shared memory beside " +
            std::to_string(function.staticBytes) + " of static, at most " + std::to_string(function.dynamicLimit);
  } else if (launch.dynamicBytes > 0 && !launch.module->dynamic) {
    return true;  // allowed, and of no use: the module declares no dynamic shared memory
  }
  if (!wrong.empty()) {
    say(std::string("cuLaunchKernel of ") + function.kernel->name + ": " + wrong);
  }
  return wrong.empty();
}

// Runs a launch whose turn has come.
static int runLaunch(const Launch& launch) {
  const emulated::Kernel& kernel = *launch.function->kernel;
  {
    LOCK();
    bool loaded = false;
    for (const auto& each : state().modules) {
      loaded |= each.second == launch.module;
    }
    if (!loaded) {
      say(std::string(kernel.name) + ": its module was unloaded before it ran");
      return INVALID_HANDLE;
    }
    for (unsigned i = 0; i < kernel.count; i++) {
      uintptr_t value = launch.storage[launch.at[i]];
      if (kernel.parameters[i].pointer && value != 0 && !accessible(launch.module->device, value)) {
        say(std::string(kernel.name) + ": parameter " + std::to_string(i) +
            " (from 0) is no address of this device's memory");
        return ILLEGAL_ADDRESS;
      }
    }
  }
  return run(launch);
}

static void decode(const char* hex, std::vector<unsigned char>& bytes) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (; hex[0] != 0 && hex[1] != 0; hex += 2) {
    bytes.push_back(static_cast<unsigned char>(digit(hex[0]) << 4 | digit(hex[1])));
  }
}

// Everything of a context is gone.
static void destroyContext(int number) {
  State& all = state();
  Device& device = all.device[number];
  auto drop = [number](auto& handles) {
    for (auto at = handles.begin(); at != handles.end();) {
      at = at->second->device == number ? handles.erase(at) : std::next(at);
    }
  };
  drop(all.streams);
  drop(all.events);
  drop(all.modules);
  drop(all.products);
  releaseAll(number);
  device.nullStream = nullptr;
  device.retained = 0;
}

}  // namespace emulator

using namespace emulator;

EXPORT int cuInit(unsigned flags) {
  if (int code = planned(__func__)) {
    return code;
  }
  if (flags != 0) {
    return INVALID_VALUE;
  }
  LOCK();
  if (state().devices == 0) {
    return NO_DEVICE;
  }
  catchFaults();
  state().initialised = true;
  return SUCCESS;
}

EXPORT int cuDriverGetVersion(int* version) {
  if (int code = planned(__func__)) {
    return code;
  }
  *version = 13000;
  return SUCCESS;
}

EXPORT int cuDeviceGetCount(int* count) {
  ENTER(false);
  *count = state().devices;
  return SUCCESS;
}

static bool isDevice(int device) { return device >= 0 && device < state().devices; }

EXPORT int cuDeviceGet(int* device, int ordinal) {
  ENTER(false);
  if (!isDevice(ordinal)) {
    return INVALID_DEVICE;
  }
  *device = ordinal;
  return SUCCESS;
}

EXPORT int cuDeviceGetName(char* name, int length, int device) {
  ENTER(false);
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  snprintf(name, static_cast<size_t>(length), "Emulated GPU %d", device);
  return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t* bytes, int device) {
  ENTER(false);
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  *bytes = state().memory;
  return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int* value, int attribute, int device) {
  ENTER(false);
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  const State& all = state();
  // An H100's, except what the tests set.
  const std::map<int, int> values{
      {1, 1024},                  // threads per block
      {2, 1024}, {3, 1024}, {4, 64},
      {5, 0x7fffffff}, {6, 65535}, {7, 65535},
      {8, DEFAULT_SHARED},        // shared memory per block
      {9, 65536},                 // constant memory
      {10, 32},                   // warp size
      {12, 65536},                // registers per block
      {13, 1980000},              // clock, kHz
      {16, 132},                  // multiprocessors
      {17, 0}, {18, 0}, {19, 1}, {20, 0},
      {31, 1},                    // concurrent kernels
      {32, 1},                    // error-correcting memory
      {33, 1 + device}, {34, 0}, {50, 0},
      {36, 2619000}, {37, 5120},  // memory's clock in kHz and width in bits
      {38, 50 << 20},             // level 2 cache
      {39, 2048},                 // threads per multiprocessor
      {40, 3}, {41, 1},
      {75, all.major}, {76, all.minor},
      {81, all.optIn + 1024},     // shared memory per multiprocessor
      {82, 65536},                // registers per multiprocessor
      {97, all.optIn},            // shared memory per block on demand
      {106, 32},                  // blocks per multiprocessor
      {111, 1024},                // shared memory that a block uses beside its own
  };
  auto found = values.find(attribute);
  if (found == values.end()) {
    return INVALID_VALUE;
  }
  *value = found->second;
  return SUCCESS;
}

EXPORT int cuDevicePrimaryCtxSetFlags_v2(int device, unsigned flags) {
  ENTER(false);
  LOCK();
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  // How a thread waits is one of four; the others are those of memory and of dumps.
  unsigned schedule = flags & 7;
  return schedule == 0 || schedule == 1 || schedule == 2 || schedule == 4 ? SUCCESS : INVALID_VALUE;
}

EXPORT int cuDevicePrimaryCtxRetain(void** context, int device) {
  ENTER(false);
  LOCK();
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  Device& on = state().device[device];
  if (on.lost != SUCCESS) {
    return on.lost;
  }
  if (on.retained++ == 0) {
    on.nullStream = std::make_shared<Stream>();
    on.nullStream->device = device;
    on.nullStream->queue = std::make_shared<Queue>();
  }
  *context = contextOf(device);
  return SUCCESS;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int device) {
  ENTER(false);
  LOCK();
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  Device& on = state().device[device];
  if (on.retained == 0) {
    return INVALID_CONTEXT;
  }
  if (on.retained == 1) {
    destroyContext(device);
  } else {
    on.retained--;
  }
  return SUCCESS;
}

EXPORT int cuCtxSetCurrent(void* context) {
  ENTER(false);
  LOCK();
  if (context == nullptr) {
    current = -1;
    return SUCCESS;
  }
  for (int device = 0; device < state().devices; device++) {
    if (contextOf(device) == context && state().device[device].retained > 0) {
      current = device;
      return SUCCESS;
    }
  }
  return INVALID_CONTEXT;
}

EXPORT int cuCtxSynchronize() {
  ENTER(true);
  if (int code = unsafeCall()) {
    return code;
  }
  return drainDevice(current, true);
}

EXPORT int cuMemGetInfo_v2(size_t* available, size_t* total) {
  ENTER(true);
  LOCK();
  *total = state().memory;
  *available = *total - std::min(*total, state().device[current].allocated);
  return SUCCESS;
}

EXPORT int cuMemAlloc_v2(uintptr_t* address, size_t bytes) {
  ENTER(true);
  LOCK();
  if (int code = unsafeWhileCapturing()) {
    return code;
  }
  return allocate(current, bytes, address);
}

EXPORT int cuMemFree_v2(uintptr_t address) {
  ENTER(true);
  if (int code = unsafeCall()) {
    return code;
  }
  if (address == 0) {
    return SUCCESS;
  }
  if (int code = drainDevice(current, true)) {
    return code;
  }
  LOCK();
  int code = release(address);
  if (code == ILLEGAL_ADDRESS) {
    state().device[current].lost = code;
  }
  return code;
}

EXPORT int cuMemHostAlloc(void** address, size_t bytes, unsigned flags) {
  ENTER(true);
  LOCK();
  if (int code = unsafeWhileCapturing()) {
    return code;
  }
  if (bytes == 0 || flags > 7) {
    return INVALID_VALUE;
  }
  *address = allocateHost(bytes);
  return *address == nullptr ? OUT_OF_MEMORY : SUCCESS;
}

EXPORT int cuMemFreeHost(void* address) {
  ENTER(true);
  if (int code = unsafeCall()) {
    return code;
  }
  // As a GPU's driver, waits for what is under way; what is put on a stream later finds the memory gone.
  if (int code = drainDevice(current, true)) {
    return code;
  }
  LOCK();
  return releaseHost(address);
}

EXPORT int cuMemcpyHtoD_v2(uintptr_t to, const void* from, size_t bytes) {
  ENTER(true);
  return bytes == 0 ? SUCCESS : copyNow(pointer<void>(to), from, to, bytes, __func__);
}

EXPORT int cuMemcpyDtoH_v2(void* to, uintptr_t from, size_t bytes) {
  ENTER(true);
  return bytes == 0 ? SUCCESS : copyNow(to, pointer<const void>(from), from, bytes, __func__);
}

EXPORT int cuMemcpyHtoDAsync_v2(uintptr_t to, const void* from, size_t bytes, void* stream) {
  ENTER(true);
  return transferLater(stream, {{to, bytes}}, [=] { memcpy(pointer<void>(to), from, bytes); }, __func__);
}

EXPORT int cuMemcpyDtoHAsync_v2(void* to, uintptr_t from, size_t bytes, void* stream) {
  ENTER(true);
  return transferLater(stream, {{from, bytes}}, [=] { memcpy(to, pointer<void>(from), bytes); }, __func__);
}

EXPORT int cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t bytes, void* stream) {
  ENTER(true);
  return transferLater(
      stream, {{to, bytes}, {from, bytes}}, [=] { memmove(pointer<void>(to), pointer<void>(from), bytes); },
      __func__);
}

EXPORT int cuMemsetD32Async(uintptr_t to, unsigned value, size_t count, void* stream) {
  ENTER(true);
  if (to % 4 != 0 || count > SIZE_MAX / 4) {
    return INVALID_VALUE;
  }
  return transferLater(
      stream, {{to, 4 * count}}, [=] { std::fill_n(pointer<unsigned>(to), count, value); }, __func__);
}

EXPORT int cuStreamCreate(void** stream, unsigned flags) {
  ENTER(true);
  LOCK();
  if (flags > 1) {
    return INVALID_VALUE;
  }
  auto made = std::make_shared<Stream>();
  made->device = current;
  made->queue = flags == 0 ? state().device[current].nullStream->queue : std::make_shared<Queue>();
  *stream = made.get();
  state().streams[made.get()] = made;
  return SUCCESS;
}

EXPORT int cuStreamDestroy_v2(void* handle) {
  ENTER(true);
  std::shared_ptr<Stream> stream;
  {
    LOCK();
    stream = find(state().streams, handle);
    if (stream == nullptr) {
      return INVALID_HANDLE;
    }
    state().streams.erase(handle);
  }
  // What waits on the stream still runs, on a GPU when it gets there.
  return stream->capture != nullptr ? SUCCESS : drain(stream, UINT64_MAX);
}

EXPORT int cuStreamSynchronize(void* handle) {
  ENTER(true);
  std::shared_ptr<Stream> stream;
  {
    LOCK();
    stream = streamOf(handle);
    if (stream == nullptr) {
      return INVALID_HANDLE;
    }
    if (stream->capture != nullptr) {
      stream->capture->invalid = true;
      return STREAM_CAPTURE_UNSUPPORTED;
    }
  }
  return drain(stream, UINT64_MAX);
}

EXPORT int cuStreamBeginCapture_v2(void* handle, int mode) {
  ENTER(true);
  LOCK();
  auto stream = streamOf(handle);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (mode < 0 || mode > 2) {
    return INVALID_VALUE;
  }
  if (handle == nullptr) {
    return STREAM_CAPTURE_UNSUPPORTED;
  }
  if (stream->capture != nullptr) {
    stream->capture->invalid = true;
    return STREAM_CAPTURE_UNSUPPORTED;
  }
  stream->capture = std::make_unique<Capture>();
  stream->capture->mode = mode;
  stream->capture->owner = std::this_thread::get_id();
  return SUCCESS;
}

EXPORT int cuStreamEndCapture(void* handle, void** graph) {
  ENTER(true);
  LOCK();
  auto stream = streamOf(handle);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  *graph = nullptr;
  if (stream->capture == nullptr) {
    return STREAM_CAPTURE_UNMATCHED;
  }
  if (stream->capture->mode != 2 && stream->capture->owner != std::this_thread::get_id()) {
    return STREAM_CAPTURE_WRONG_THREAD;
  }
  auto capture = std::move(stream->capture);
  if (capture->invalid) {
    return STREAM_CAPTURE_INVALIDATED;
  }
  auto made = std::make_shared<Graph>();
  made->operations = std::move(capture->operations);
  *graph = made.get();
  state().graphs[made.get()] = made;
  return SUCCESS;
}

EXPORT int cuGraphInstantiateWithFlags(void** executable, void* handle, unsigned long long) {
  ENTER(true);
  LOCK();
  auto graph = find(state().graphs, handle);
  if (graph == nullptr) {
    return INVALID_VALUE;
  }
  auto made = std::make_shared<Graph>(*graph);
  *executable = made.get();
  state().executables[made.get()] = made;
  return SUCCESS;
}

EXPORT int cuGraphLaunch(void* executable, void* handle) {
  ENTER(true);
  LOCK();
  auto graph = find(state().executables, executable);
  auto stream = streamOf(handle);
  if (graph == nullptr || stream == nullptr) {
    return INVALID_HANDLE;
  }
  countLaunch("graph");
  return enqueue(stream, [graph] {
    for (const Operation& operation : graph->operations) {
      if (int code = (*operation)()) {
        return code;
      }
    }
    return static_cast<int>(SUCCESS);
  });
}

EXPORT int cuGraphExecDestroy(void* executable) {
  ENTER(true);
  LOCK();
  return forget(state().executables, executable);
}

EXPORT int cuGraphDestroy(void* graph) {
  ENTER(true);
  LOCK();
  return forget(state().graphs, graph);
}

EXPORT int cuEventCreate(void** event, unsigned flags) {
  ENTER(true);
  LOCK();
  auto made = std::make_shared<Event>();
  made->device = current;
  made->timed = (flags & 2) == 0;
  *event = made.get();
  state().events[made.get()] = made;
  return SUCCESS;
}

EXPORT int cuEventRecord(void* handle, void* streamHandle) {
  ENTER(true);
  LOCK();
  auto event = find(state().events, handle);
  auto stream = streamOf(streamHandle);
  if (event == nullptr || stream == nullptr || event->device != stream->device) {
    return INVALID_HANDLE;
  }
  event->captured = stream->capture != nullptr;
  if (event->captured) {
    return SUCCESS;  // in a graph it is an edge between streams, not a time
  }
  event->complete = false;
  event->stream = stream;
  uint64_t sequence = stream->queue->queued + 1;
  event->sequence = sequence;
  return enqueue(stream, [event, sequence] {
    LOCK();
    if (event->sequence == sequence) {
      event->milliseconds = milliseconds();
      event->complete = true;
    }
    return static_cast<int>(SUCCESS);
  });
}

EXPORT int cuEventSynchronize(void* handle) {
  ENTER(true);
  std::shared_ptr<Stream> stream;
  uint64_t sequence;
  {
    LOCK();
    auto event = find(state().events, handle);
    if (event == nullptr) {
      return INVALID_HANDLE;
    }
    if (event->captured) {
      return CAPTURED_EVENT;
    }
    stream = event->stream;
    sequence = event->sequence;
  }
  return stream == nullptr ? SUCCESS : drain(stream, sequence);
}

EXPORT int cuEventElapsedTime(float* elapsed, void* startHandle, void* endHandle) {
  ENTER(true);
  LOCK();
  auto start = find(state().events, startHandle);
  auto end = find(state().events, endHandle);
  if (start == nullptr || end == nullptr || !start->timed || !end->timed || start->stream == nullptr ||
      end->stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (start->captured || end->captured) {
    return CAPTURED_EVENT;
  }
  if (!start->complete || !end->complete) {
    return NOT_READY;
  }
  *elapsed = static_cast<float>(end->milliseconds - start->milliseconds);
  return SUCCESS;
}

EXPORT int cuEventDestroy_v2(void* event) {
  ENTER(true);
  LOCK();
  return forget(state().events, event);
}

EXPORT int cuModuleLoadData(void** handle, const void* image) {
  ENTER(true);
  LOCK();
  if (int code = unsafeWhileCapturing()) {
    return code;
  }
  if (image == nullptr) {
    return INVALID_VALUE;
  }
  auto bytes = static_cast<const unsigned char*>(image);
  std::vector<unsigned char> decoded;
  const char ptx[] = "// emulated PTX\n";
  bool isPtx = strncmp(static_cast<const char*>(image), ptx, sizeof ptx - 1) == 0;
  if (isPtx) {
    decode(static_cast<const char*>(image) + sizeof ptx - 1, decoded);
    bytes = decoded.data();
  }
  if (memcmp(bytes, ELFMAG, SELFMAG) != 0) {
    return INVALID_IMAGE;
  }
  auto module = std::make_shared<Module>();
  module->device = current;
  if (int code = load(bytes, sizeOf(bytes), *module)) {
    return code;
  }
  int major = module->description->architecture / 10, minor = module->description->architecture % 10;
  bool fits = isPtx ? module->description->architecture <= 10 * state().major + state().minor
                    : major == state().major && minor <= state().minor;
  if (!fits) {
    return NO_BINARY_FOR_GPU;
  }
  readShared(bytes, *module);
  *handle = module.get();
  state().modules[module.get()] = module;
  return SUCCESS;
}

EXPORT int cuModuleUnload(void* module) {
  ENTER(true);
  if (int code = unsafeCall()) {
    return code;
  }
  if (int code = drainDevice(current, true)) {
    return code;
  }
  LOCK();
  return forget(state().modules, module);
}

EXPORT int cuModuleGetFunction(void** function, void* handle, const char* name) {
  ENTER(true);
  LOCK();
  auto module = find(state().modules, handle);
  if (module == nullptr) {
    return INVALID_HANDLE;
  }
  auto found = module->functions.find(name);
  if (found == module->functions.end()) {
    return NOT_FOUND;
  }
  *function = found->second.get();
  return SUCCESS;
}

enum FunctionAttribute {
  MAX_THREADS_PER_BLOCK,
  SHARED_SIZE_BYTES,
  CONST_SIZE_BYTES,
  LOCAL_SIZE_BYTES,
  NUM_REGS,
  PTX_VERSION,
  BINARY_VERSION,
  CACHE_MODE_CA,
  MAX_DYNAMIC_SHARED_SIZE_BYTES,
  PREFERRED_SHARED_MEMORY_CARVEOUT
};

EXPORT int cuFuncSetAttribute(void* handle, int attribute, int value) {
  ENTER(true);
  LOCK();
  std::shared_ptr<Module> module;
  Function* function = functionOf(handle, &module);
  if (function == nullptr) {
    return INVALID_HANDLE;
  }
  if (attribute == PREFERRED_SHARED_MEMORY_CARVEOUT) {
    return value >= -1 && value <= 100 ? SUCCESS : INVALID_VALUE;
  }
  if (attribute != MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
      static_cast<size_t>(value) + function->staticBytes > static_cast<size_t>(state().optIn)) {
    return INVALID_VALUE;
  }
  function->dynamicLimit = static_cast<size_t>(value);
  return SUCCESS;
}

EXPORT int cuFuncGetAttribute(int* value, int attribute, void* handle) {
  ENTER(true);
  LOCK();
  std::shared_ptr<Module> module;
  Function* function = functionOf(handle, &module);
  if (function == nullptr) {
    return INVALID_HANDLE;
  }
  unsigned bound = function->kernel->maxThreads;
  switch (attribute) {
    case MAX_THREADS_PER_BLOCK: *value = bound == 0 ? 1024 : static_cast<int>(bound); break;
    case SHARED_SIZE_BYTES: *value = static_cast<int>(function->staticBytes); break;
    case CONST_SIZE_BYTES: *value = 0; break;
    case LOCAL_SIZE_BYTES: *value = 0; break;
    case NUM_REGS: *value = 32; break;
    case PTX_VERSION:
    case BINARY_VERSION: *value = module->description->architecture; break;
    case CACHE_MODE_CA: *value = 0; break;
    case MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = static_cast<int>(function->dynamicLimit); break;
    default: return INVALID_VALUE;
  }
  return SUCCESS;
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int blockSize,
                                                       size_t dynamicBytes) {
  ENTER(true);
  LOCK();
  std::shared_ptr<Module> module;
  Function* function = functionOf(handle, &module);
  if (function == nullptr) {
    return INVALID_HANDLE;
  }
  if (blockSize <= 0) {
    return INVALID_VALUE;
  }
  size_t shared = function->staticBytes + dynamicBytes;
  size_t most = state().optIn;
  size_t byThreads = blockSize > 1024 ? 0 : 2048 / ((blockSize + 31) / 32 * 32);
  size_t byShared = shared > most ? 0 : (most + 1024) / (shared + 1024);
  *blocks = static_cast<int>(std::min<size_t>({32, byThreads, byShared}));
  return SUCCESS;
}

EXPORT int cuLaunchKernel(void* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                          unsigned blockY, unsigned blockZ, unsigned dynamicBytes, void* streamHandle,
                          void** parameters, void** extra) {
  ENTER(true);
  LOCK();
  if (extra != nullptr) {
    return NOT_SUPPORTED;
  }
  auto launch = std::make_shared<Launch>();
  launch->function = functionOf(handle, &launch->module);
  auto stream = streamOf(streamHandle);
  if (launch->function == nullptr || stream == nullptr) {
    return INVALID_HANDLE;
  }
  launch->grid = {{0, 0, 0}, {blockX, blockY, blockZ}, {gridX, gridY, gridZ}};
  launch->dynamicBytes = dynamicBytes;
  const emulated::Kernel& kernel = *launch->function->kernel;
  if (!allowed(*launch) || (kernel.count > 0 && parameters == nullptr)) {
    return INVALID_VALUE;
  }
  for (unsigned i = 0; i < kernel.count; i++) {
    if (parameters[i] == nullptr) {
      return INVALID_VALUE;
    }
    size_t at = launch->storage.size();
    launch->at.push_back(at);
    launch->storage.resize(at + (kernel.parameters[i].bytes + 15) / 16 * 2);
    memcpy(launch->storage.data() + at, parameters[i], kernel.parameters[i].bytes);
  }
  countLaunch(kernel.name);
  return enqueue(stream, [launch] { return runLaunch(*launch); });
}

static const std::map<int, std::pair<const char*, const char*>>& errors() {
  static const std::map<int, std::pair<const char*, const char*>> all{
      {0, {"CUDA_SUCCESS", "no error"}},
      {1, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
      {2, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
      {3, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
      {4, {"CUDA_ERROR_DEINITIALIZED", "driver shutting down"}},
      {34, {"CUDA_ERROR_STUB_LIBRARY", "CUDA driver is a stub library"}},
      {46, {"CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"}},
      {100, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
      {101, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
      {200, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
      {201, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
      {209, {"CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"}},
      {214, {"CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"}},
      {218, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}},
      {222, {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
             "the provided PTX was compiled with an unsupported toolchain."}},
      {400, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
      {500, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
      {600, {"CUDA_ERROR_NOT_READY", "device not ready"}},
      {700, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
      {701, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
      {709, {"CUDA_ERROR_CONTEXT_IS_DESTROYED", "context is destroyed"}},
      {716, {"CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"}},
      {719, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
      {801, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
      {803, {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "system has unsupported display driver / cuda driver combination"}},
      {900, {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
      {901, {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
             "operation failed due to a previous error during capture"}},
      {903, {"CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream"}},
      {907, {"CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"}},
      {908, {"CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD",
             "attempt to terminate a thread-local capture sequence from another thread"}},
      {999, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
  };
  return all;
}

EXPORT int cuGetErrorName(int code, const char** name) {
  auto found = errors().find(code);
  *name = found == errors().end() ? nullptr : found->second.first;
  return *name == nullptr ? INVALID_VALUE : SUCCESS;
}

EXPORT int cuGetErrorString(int code, const char** text) {
  auto found = errors().find(code);
  *text = found == errors().end() ? nullptr : found->second.second;
  return *text == nullptr ? INVALID_VALUE : SUCCESS;
}
