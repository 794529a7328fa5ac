// Runs kernels: the threads of a block are fibers of the calling thread of the system, one block after the
// other. A thread that waits for others hands the processor to the next one that can go on; a thread that
// never waits runs to its end on the stack of the one before, so that a kernel without barriers is a loop.
//
// Stricter than a GPU: shared memory is NaN before every block; what lies behind dynamic shared memory is
// watched; threads that wait for each other at different kinds of barrier end the launch instead of hanging;
// the order of threads and blocks can be chosen, so that a race shows as other bits. A thread that returned
// counts as arrived.
// Not modelled: time, blocks of a launch side by side, the order in which memory becomes visible.

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "emulator.h"

// emulatorSwitch(save, to): leaves the stack at hand with what a call must keep on it, its pointer in *save,
// and goes on where the other stack left. A jump instead of ret, as the processor would predict ret wrongly.
asm(R"(
  .text
  .globl emulatorSwitch
  .hidden emulatorSwitch
  .type emulatorSwitch, @function
emulatorSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  popq %rcx
  jmp *%rcx
  .size emulatorSwitch, . - emulatorSwitch

  .globl emulatorBegin
  .hidden emulatorBegin
  .type emulatorBegin, @function
emulatorBegin:
  movq %r12, %rdi
  call *%r13
  ud2
  .size emulatorBegin, . - emulatorBegin
)");
extern "C" void emulatorSwitch(void** save, void* to);
extern "C" void emulatorBegin();

namespace emulator {
namespace {

constexpr unsigned MOST_THREADS = 1024;
constexpr unsigned LANES = 32;
constexpr size_t STACK = 64 * 1024;
constexpr size_t PAGE = 4096;

class Crew;

struct Fiber : emulated::Thread {
  Crew* crew;
  unsigned id;
  void* resume;               // its stack's pointer while it waits
  int stack;                  // -1 before it starts
  bool finished;
  unsigned long long value;   // what it brought to the warp, then what it gets
  unsigned source;
};

// Lanes of a warp that wait for the same mask in the same way.
struct Gathering {
  emulated::WarpWait kind;
  unsigned mask, arrived;
};

struct Warp {
  unsigned live;
  unsigned gatherings;
  Gathering gathering[LANES];
};

uint64_t next(uint64_t& x) {  // splitmix64, Steele, Lea and Flood (2014)
  uint64_t z = (x += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

template <typename T>
void arrange(std::vector<T>& numbers, Order order, uint64_t seed) {
  std::iota(numbers.begin(), numbers.end(), T{0});
  if (order == Order::REVERSE) {
    std::reverse(numbers.begin(), numbers.end());
  } else if (order == Order::SHUFFLED) {
    for (size_t i = numbers.size(); i > 1; i--) {
      std::swap(numbers[i - 1], numbers[next(seed) % i]);
    }
  }
}

// The threads of one block at a time, with their stacks; used again for the next launch.
class Crew {
 public:
  Crew();
  int run(const Launch& launch, Order order, uint64_t seed);
  int block(Fiber* self, emulated::BlockWait kind, int predicate);
  unsigned long long warp(Fiber* self, emulated::WarpWait kind, unsigned mask, unsigned long long value,
                          unsigned source);

 private:
  static void begin(Crew* crew) { crew->work(); }
  void prepare(Order order, uint64_t seed);
  bool runBlock();
  void work();
  void leave(void** save);
  void* start(Fiber* fiber);
  Fiber* pop() { return &fibers_[queue_[head_++ % MOST_THREADS]]; }
  void push(unsigned id) { queue_[tail_++ % MOST_THREADS] = id; }
  void releaseBlock();
  bool releaseWarp(unsigned warp, unsigned gathering);
  void finish(Fiber* fiber);
  [[noreturn]] void fail(const std::string& what);

  char* stacks_;
  std::vector<int> freeStacks_;
  Fiber fibers_[MOST_THREADS];
  Warp warps_[MOST_THREADS / LANES];
  std::vector<unsigned> order_;
  unsigned warpOrder_[MOST_THREADS];  // order_, warp by warp
  unsigned queue_[MOST_THREADS];
  unsigned head_ = 0, tail_ = 0;
  unsigned count_ = 0, live_ = 0, arrived_ = 0, agreed_ = 0;
  int lastArrived_ = 0, lastAgreed_ = 0;
  emulated::BlockWait waitingAt_ = emulated::BARRIER;
  bool failed_ = false;
  void* scheduler_ = nullptr;
  emulated::Thread** running_ = nullptr;
  emulated::Grid grid_{};
  void (*call_)(void* const*) = nullptr;
  std::vector<void*> parameters_;
  const char* name_ = "";
};

Crew::Crew() {
  size_t each = STACK + PAGE;
  void* memory = mmap(nullptr, each * MOST_THREADS, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    say("no memory for the stacks of a block's threads");
    abort();
  }
  stacks_ = static_cast<char*>(memory);
  for (unsigned i = 0; i < MOST_THREADS; i++) {
    mprotect(stacks_ + i * each, PAGE, PROT_NONE);
    fibers_[i].crew = this;
    fibers_[i].id = i;
    fibers_[i].lane = i % LANES;
    fibers_[i].grid = &grid_;
  }
}

void* Crew::start(Fiber* fiber) {
  fiber->stack = freeStacks_.back();
  freeStacks_.pop_back();
  // The tops of the stacks lie at different places of their pages, or they would share few lines of the cache.
  size_t top = (fiber->stack + size_t{1}) * (STACK + PAGE) - (fiber->stack % 61) * 192;
  auto frame = reinterpret_cast<uint64_t*>(stacks_ + (top & ~size_t{63}));
  *--frame = 0;  // two words, so that the stack is aligned as a call expects
  *--frame = 0;
  *--frame = reinterpret_cast<uint64_t>(&emulatorBegin);
  *--frame = 0;                                         // rbp
  *--frame = 0;                                         // rbx
  *--frame = reinterpret_cast<uint64_t>(this);          // r12
  *--frame = reinterpret_cast<uint64_t>(&Crew::begin);  // r13
  *--frame = 0;                                         // r14
  *--frame = 0;                                         // r15
  return frame;
}

// What a stack does: thread after thread, as long as the next one has not begun.
void Crew::work() {
  Fiber* fiber = &fibers_[(*running_ == nullptr) ? 0 : static_cast<Fiber*>(*running_)->id];
  for (;;) {
    call_(parameters_.data());
    finish(fiber);
    if (head_ == tail_) {
      if (live_ != 0) {
        fail("its threads wait for each other at different barriers, or for threads that are not coming");
      }
      freeStacks_.push_back(fiber->stack);
      void* ignored;
      emulatorSwitch(&ignored, scheduler_);
    }
    Fiber* following = pop();
    *running_ = following;
    if (following->stack < 0) {
      following->stack = fiber->stack;
      fiber = following;
    } else {
      freeStacks_.push_back(fiber->stack);
      void* ignored;
      emulatorSwitch(&ignored, following->resume);
    }
  }
}

// Hands the processor on; returns when the thread that waits, whose stack's pointer goes to *save, may go on.
void Crew::leave(void** save) {
  if (head_ == tail_) {
    fail("its threads wait for each other at different barriers, or for threads that are not coming");
  }
  emulated::Thread* self = *running_;
  Fiber* following = pop();
  if (following == self) {
    return;
  }
  *running_ = following;
  emulatorSwitch(save, following->stack < 0 ? start(following) : following->resume);
}

void Crew::finish(Fiber* fiber) {
  fiber->finished = true;
  live_--;
  Warp& warp = warps_[fiber->id / LANES];
  warp.live &= ~(1u << fiber->lane);
  if (live_ != 0 && arrived_ == live_) {
    releaseBlock();
  }
  for (unsigned i = 0; i < warp.gatherings;) {
    if (!releaseWarp(fiber->id / LANES, i)) {
      i++;
    }
  }
}

void Crew::releaseBlock() {
  lastArrived_ = static_cast<int>(arrived_);
  lastAgreed_ = static_cast<int>(agreed_);
  arrived_ = agreed_ = 0;
  for (unsigned id : order_) {
    if (!fibers_[id].finished) {
      push(id);
    }
  }
}

int Crew::block(Fiber* self, emulated::BlockWait kind, int predicate) {
  if (arrived_ != 0 && kind != waitingAt_) {
    fail("its threads wait at __syncthreads of different kinds");
  }
  waitingAt_ = kind;
  arrived_++;
  agreed_ += predicate != 0;
  if (arrived_ == live_) {
    releaseBlock();
  }
  leave(&self->resume);
  switch (kind) {
    case emulated::BARRIER_OR: return lastAgreed_ != 0;
    case emulated::BARRIER_AND: return lastAgreed_ == lastArrived_;
    case emulated::BARRIER_COUNT: return lastAgreed_;
    default: return 0;
  }
}

bool Crew::releaseWarp(unsigned number, unsigned which) {
  Warp& warp = warps_[number];
  Gathering gathering = warp.gathering[which];
  if (gathering.arrived != (gathering.mask & warp.live)) {
    return false;
  }
  Fiber* lanes = fibers_ + number * LANES;
  if (gathering.kind != emulated::WARP_BARRIER) {
    unsigned long long values[LANES];
    unsigned ballot = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
      if (gathering.arrived >> lane & 1) {
        values[lane] = lanes[lane].value;
        ballot |= (values[lane] != 0 ? 1u : 0u) << lane;
      }
    }
    constexpr unsigned long long NOTHING =
        static_cast<unsigned long long>(emulated::UNWRITTEN) << 32 | emulated::UNWRITTEN;
    for (unsigned lane = 0; lane < LANES; lane++) {
      if (gathering.arrived >> lane & 1) {
        unsigned source = lanes[lane].source % LANES;
        lanes[lane].value = gathering.kind == emulated::BALLOT     ? ballot
                            : (gathering.arrived >> source & 1) != 0 ? values[source]
                                                                     : NOTHING;
      }
    }
  }
  unsigned end = std::min((number + 1) * LANES, count_);
  for (unsigned i = number * LANES; i < end; i++) {
    if (gathering.arrived >> (warpOrder_[i] % LANES) & 1) {
      push(warpOrder_[i]);
    }
  }
  warp.gathering[which] = warp.gathering[--warp.gatherings];
  return true;
}

unsigned long long Crew::warp(Fiber* self, emulated::WarpWait kind, unsigned mask, unsigned long long value,
                              unsigned source) {
  unsigned bit = 1u << self->lane;
  if ((mask & bit) == 0) {
    fail("a thread waits for lanes of its warp with a mask that it is not in");
  }
  self->value = value;
  self->source = source;
  unsigned number = self->id / LANES;
  Warp& warp = warps_[number];
  unsigned which = 0;
  while (which < warp.gatherings &&
         (warp.gathering[which].mask != mask || warp.gathering[which].kind != kind)) {
    which++;
  }
  if (which == warp.gatherings) {
    warp.gathering[warp.gatherings++] = {kind, mask, 0};
  }
  warp.gathering[which].arrived |= bit;
  releaseWarp(number, which);
  leave(&self->resume);
  return self->value;
}

void Crew::fail(const std::string& what) {
  const emulated::Index& at = grid_.block;
  say(std::string(name_) + ", block (" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " +
      std::to_string(at.z) + "): " + what + "; " + std::to_string(arrived_) + " of " + std::to_string(live_) +
      " threads are at __syncthreads, " + std::to_string(count_ - live_) + " have returned");
  failed_ = true;
  void* ignored;
  emulatorSwitch(&ignored, scheduler_);
  __builtin_unreachable();
}

void Crew::prepare(Order order, uint64_t seed) {
  arrange(order_, order, seed);
  unsigned filled[MOST_THREADS / LANES] = {};
  for (unsigned id : order_) {
    unsigned warp = id / LANES;
    warpOrder_[warp * LANES + filled[warp]++] = id;
  }
}

bool Crew::runBlock() {
  for (unsigned i = 0; i < count_; i++) {
    fibers_[i].stack = -1;
    fibers_[i].finished = false;
  }
  for (unsigned w = 0; w * LANES < count_; w++) {
    unsigned lanes = std::min(LANES, count_ - w * LANES);
    warps_[w].live = lanes == LANES ? ~0u : (1u << lanes) - 1;
    warps_[w].gatherings = 0;
  }
  head_ = tail_ = 0;
  live_ = count_;
  arrived_ = agreed_ = 0;
  failed_ = false;
  for (unsigned id : order_) {
    push(id);
  }
  Fiber* first = pop();
  *running_ = first;
  emulatorSwitch(&scheduler_, start(first));
  return !failed_;
}

int Crew::run(const Launch& launch, Order order, uint64_t seed) {
  const Module& module = *launch.module;
  const Function& function = *launch.function;
  const emulated::Index& size = launch.grid.blockSize;
  const emulated::Index& blocks = launch.grid.gridSize;
  grid_ = launch.grid;
  name_ = function.kernel->name;
  call_ = function.kernel->call;
  parameters_.resize(launch.at.size());
  for (size_t i = 0; i < launch.at.size(); i++) {
    parameters_[i] = const_cast<uint64_t*>(launch.storage.data() + launch.at[i]);
  }
  freeStacks_.resize(MOST_THREADS);
  std::iota(freeStacks_.rbegin(), freeStacks_.rend(), 0);
  count_ = size.x * size.y * size.z;
  for (unsigned i = 0; i < count_; i++) {
    fibers_[i].index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
  }
  running_ = module.description->running();
  char* shared = reinterpret_cast<char*>(running_) - module.runningOffset;
  char* dynamic = module.dynamic ? shared + module.dynamicOffset : nullptr;
  order_.resize(count_);
  prepare(order, seed);
  size_t total = size_t{blocks.x} * blocks.y * blocks.z;
  std::vector<size_t> shuffled(order == Order::SHUFFLED ? total : 0);
  arrange(shuffled, order, seed ^ 0x5bd1e995u);
  for (size_t i = 0; i < total; i++) {
    size_t number = order == Order::FORWARD ? i : order == Order::REVERSE ? total - 1 - i : shuffled[i];
    grid_.block = {static_cast<unsigned>(number % blocks.x), static_cast<unsigned>(number / blocks.x % blocks.y),
                   static_cast<unsigned>(number / (size_t{blocks.x} * blocks.y))};
    for (const Shared& part : function.shared) {
      fill(shared + part.offset, part.bytes);
    }
    if (dynamic != nullptr) {
      fill(dynamic, launch.dynamicBytes + emulated::WATCHED);
    }
    if (order == Order::SHUFFLED) {
      prepare(order, seed + number);
    }
    if (!runBlock()) {
      return LAUNCH_FAILED;
    }
    for (size_t b = 0; dynamic != nullptr && b < emulated::WATCHED; b += 4) {
      unsigned behind;
      memcpy(&behind, dynamic + launch.dynamicBytes + b, 4);
      unsigned expected = emulated::UNWRITTEN;
      unsigned turn = static_cast<unsigned>(launch.dynamicBytes % 4) * 8;
      expected = turn == 0 ? expected : expected >> turn | expected << (32 - turn);
      if (behind != expected) {
        say(std::string(name_) + ": wrote " + std::to_string(b) + " bytes behind its " +
            std::to_string(launch.dynamicBytes) + " bytes of dynamic shared memory");
        return ILLEGAL_ADDRESS;
      }
    }
  }
  return SUCCESS;
}

int waitForBlock(emulated::Thread* self, emulated::BlockWait kind, int predicate) {
  auto fiber = static_cast<Fiber*>(self);
  return fiber->crew->block(fiber, kind, predicate);
}

unsigned long long waitForWarp(emulated::Thread* self, emulated::WarpWait kind, unsigned mask,
                               unsigned long long value, unsigned source) {
  auto fiber = static_cast<Fiber*>(self);
  return fiber->crew->warp(fiber, kind, mask, value, source);
}

const emulated::Host HOST{waitForBlock, waitForWarp};

std::mutex poolLock;
std::vector<std::unique_ptr<Crew>> pool;  // crews that nobody uses now

std::unique_ptr<Crew> borrow() {
  std::lock_guard<std::mutex> guard(poolLock);
  if (pool.empty()) {
    return std::make_unique<Crew>();
  }
  std::unique_ptr<Crew> crew = std::move(pool.back());
  pool.pop_back();
  return crew;
}

}  // namespace

int run(const Launch& launch) {
  std::unique_ptr<Crew> crew = borrow();
  Order order;
  uint64_t seed;
  {
    std::lock_guard<std::mutex> guard(state().lock);
    order = state().order;
    seed = state().seed;
  }
  *launch.module->description->host = &HOST;
  int code = guarded([&] { return crew->run(launch, order, seed); }, launch.function->kernel->name);
  std::lock_guard<std::mutex> guard(poolLock);
  pool.push_back(std::move(crew));
  return code;
}

}  // namespace emulator
