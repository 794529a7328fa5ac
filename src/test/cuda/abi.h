// What the emulator and a kernel module that it compiled say to each other: plain structures, so that a
// module needs no symbol of the emulator and several modules may be loaded at once.
#pragma once

namespace emulated {

struct Index {
  unsigned x, y, z;
};

// Where the running block stands; the same for all its threads.
struct Grid {
  Index block, blockSize, gridSize;
};

// One thread of a block, as its kernel sees it; the fibers keep more behind it.
struct Thread {
  Index index;
  unsigned lane;
  const Grid* grid;
};

enum BlockWait { BARRIER, BARRIER_OR, BARRIER_AND, BARRIER_COUNT };
enum WarpWait { WARP_BARRIER, SHUFFLE, BALLOT };

// What a kernel asks of the emulator.
struct Host {
  int (*block)(Thread*, BlockWait, int predicate);
  // Waits for the lanes of mask; the value of lane source for a shuffle, the lanes with a value other than 0
  // for a ballot.
  unsigned long long (*warp)(Thread*, WarpWait, unsigned mask, unsigned long long value, unsigned source);
};

struct Parameter {
  unsigned bytes;
  bool pointer;
};

struct Kernel {
  const char* name;
  void (*call)(void* const* parameters);
  const Parameter* parameters;
  unsigned count;
  unsigned maxThreads;  // of __launch_bounds__, 0 without
};

// The one symbol that a module exports, as `emulatedModule`.
struct Module {
  const char* emulator;  // the folder of the emulator that compiled it
  int architecture;      // 10 major + minor
  const Kernel* kernels;
  unsigned count;
  Thread** (*running)();  // where the calling thread of the system keeps the emulated thread that runs
  const Host** host;
};

// A quiet NaN as float and as double, and a large number as int: what memory holds that nobody wrote.
constexpr unsigned UNWRITTEN = 0x7ffbadf0u;

// The most dynamic shared memory that a launch may ask for, and what is watched behind it.
constexpr unsigned DYNAMIC_SHARED = 232448u;
constexpr unsigned WATCHED = 512u;

}  // namespace emulated
