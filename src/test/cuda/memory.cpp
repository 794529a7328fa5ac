// Memory of the devices, and page-locked memory of the host.
//
// Stricter than a GPU: an allocation ends at a page that nobody may touch, and one lies before it; it is full
// of NaN; what lies between its end and that page (allocations begin at multiples of 256 bytes) must be
// untouched when it is freed; freed addresses are never given out again, and touching them is an error.
// Not modelled: fragments, granularity, access of one device to another's memory.

#include <sys/mman.h>

#include <cstring>

#include "emulator.h"

namespace emulator {
namespace {

constexpr size_t PAGE = 4096;
constexpr size_t ALIGNMENT = 256;
constexpr size_t REGION = size_t{1} << 38;
constexpr int ON_HOST = -1;

struct Allocation {
  int device;
  uintptr_t base;  // of its pages
  size_t pages;    // in bytes
  size_t bytes;    // what was asked for
};

std::map<uintptr_t, Allocation> allocations;  // by address; the state's lock guards it
uintptr_t nextAddress = 0, regionEnd = 0;

size_t upTo(size_t multiple, size_t x) { return (x + multiple - 1) / multiple * multiple; }

// Addresses that were never used, with a page that stays forbidden on both sides.
uintptr_t reserve(size_t pages) {
  if (nextAddress + pages + 2 * PAGE > regionEnd) {
    size_t size = std::max(REGION, pages + 2 * PAGE);
    void* region = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
      return 0;
    }
    nextAddress = reinterpret_cast<uintptr_t>(region);
    regionEnd = nextAddress + size;
  }
  uintptr_t base = nextAddress + PAGE;
  nextAddress = base + pages;
  return base;
}

bool untouched(const unsigned char* from, const unsigned char* to) {
  for (; from < to; from++) {
    if (*from != 0xa5) {
      return false;
    }
  }
  return true;
}

uintptr_t place(int device, size_t bytes) {
  size_t rounded = upTo(ALIGNMENT, bytes);
  size_t pages = upTo(PAGE, rounded);
  uintptr_t base = reserve(pages);
  if (base == 0 || mprotect(reinterpret_cast<void*>(base), pages, PROT_READ | PROT_WRITE) != 0) {
    return 0;
  }
  uintptr_t address = base + pages - rounded;
  memset(reinterpret_cast<void*>(base), 0xa5, address - base);
  memset(reinterpret_cast<void*>(address + bytes), 0xa5, rounded - bytes);
  fill(reinterpret_cast<void*>(address), bytes);
  allocations[address] = {device, base, pages, bytes};
  return address;
}

// Takes the memory away; false when what surrounds the allocation was written.
bool remove(std::map<uintptr_t, Allocation>::iterator at) {
  const Allocation& allocation = at->second;
  auto bytes = [](uintptr_t address) { return reinterpret_cast<const unsigned char*>(address); };
  bool clean = untouched(bytes(allocation.base), bytes(at->first)) &&
               untouched(bytes(at->first + allocation.bytes), bytes(allocation.base + allocation.pages));
  if (!clean) {
    say("memory before or behind an allocation of " + std::to_string(allocation.bytes) + " bytes was written");
  }
  // Mapped anew rather than unmapped: the system gets its memory back, and nobody gets these addresses.
  mmap(reinterpret_cast<void*>(allocation.base), allocation.pages, PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (allocation.device != ON_HOST) {
    state().device[allocation.device].allocated -= upTo(ALIGNMENT, allocation.bytes);
  }
  allocations.erase(at);
  return clean;
}

std::map<uintptr_t, Allocation>::iterator around(uintptr_t address) {
  auto after = allocations.upper_bound(address);
  return after == allocations.begin() ? allocations.end() : std::prev(after);
}

}  // namespace

void fill(void* at, size_t bytes) {
  char* to = static_cast<char*>(at);
  size_t whole = bytes / 4 * 4;
  unsigned pattern = emulated::UNWRITTEN;
  for (size_t i = 0; i < whole; i += 4) {
    memcpy(to + i, &pattern, 4);
  }
  memcpy(to + whole, &pattern, bytes - whole);
}

int allocate(int device, size_t bytes, uintptr_t* address) {
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  State& all = state();
  size_t rounded = upTo(ALIGNMENT, bytes);
  Device& on = all.device[device];
  if (rounded < bytes || rounded > all.memory || on.allocated > all.memory - rounded) {
    return OUT_OF_MEMORY;
  }
  *address = place(device, bytes);
  if (*address == 0) {
    return OUT_OF_MEMORY;
  }
  on.allocated += rounded;
  size_t total = 0;
  for (const Device& each : all.device) {
    total += each.allocated;
  }
  all.peak = std::max(all.peak, total);
  return SUCCESS;
}

int release(uintptr_t address) {
  auto found = allocations.find(address);
  if (found == allocations.end() || found->second.device == ON_HOST) {
    return INVALID_VALUE;
  }
  return remove(found) ? SUCCESS : ILLEGAL_ADDRESS;
}

bool holds(int device, uintptr_t address, size_t bytes) {
  auto found = around(address);
  return found != allocations.end() && found->second.device == device &&
         address - found->first <= found->second.bytes && bytes <= found->second.bytes - (address - found->first);
}

bool accessible(int device, uintptr_t address) {
  auto found = around(address);
  return found != allocations.end() && (found->second.device == device || found->second.device == ON_HOST) &&
         address - found->first <= found->second.bytes;
}

void* allocateHost(size_t bytes) { return reinterpret_cast<void*>(place(ON_HOST, bytes)); }

int releaseHost(void* address) {
  auto found = allocations.find(reinterpret_cast<uintptr_t>(address));
  if (found == allocations.end() || found->second.device != ON_HOST) {
    return INVALID_VALUE;
  }
  return remove(found) ? SUCCESS : ILLEGAL_ADDRESS;
}

void releaseAll(int device) {
  for (auto at = allocations.begin(); at != allocations.end();) {
    auto following = std::next(at);
    if (at->second.device == device) {
      remove(at);
    }
    at = following;
  }
}

void releaseAllHost() { releaseAll(ON_HOST); }

}  // namespace emulator
