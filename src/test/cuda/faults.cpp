// Turns an access behind the end of an allocation, in a kernel or a copy, into CUDA's error code instead of
// the end of the process. The Java machine uses the same signals for itself: what did not happen in the
// emulator's work goes on to the handler that was there before.

#include <signal.h>
#include <setjmp.h>

#include <cstring>

#include "emulator.h"

namespace emulator {
namespace {

struct Landing {
  sigjmp_buf place;
  uintptr_t address;
  bool misaligned;
};

thread_local Landing* landing = nullptr;  // null outside the emulator's work

struct sigaction segmentationBefore, divisionBefore;

void handle(int signal, siginfo_t* info, void* context) {
  if (landing != nullptr) {
    landing->address = reinterpret_cast<uintptr_t>(info->si_addr);
    landing->misaligned = info->si_code == SI_KERNEL;  // the processor tells no address then
    siglongjmp(landing->place, signal);
  }
  const struct sigaction& before = signal == SIGSEGV ? segmentationBefore : divisionBefore;
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) {
    sigaction(signal, &before, nullptr);  // the instruction is tried again, and ends the process
  } else {
    before.sa_handler(signal);
  }
}

void install(int signal, struct sigaction& before) {
  sigaction(signal, nullptr, &before);
  struct sigaction mine = before;
  mine.sa_sigaction = handle;
  mine.sa_flags |= SA_SIGINFO;
  sigaction(signal, &mine, nullptr);
}

}  // namespace

void catchFaults() {
  static std::once_flag once;
  std::call_once(once, [] {
    install(SIGSEGV, segmentationBefore);
    install(SIGFPE, divisionBefore);
  });
}

int guarded(const std::function<int()>& work, const char* what) {
  Landing here;
  int signal = sigsetjmp(here.place, 1);
  if (signal == 0) {
    landing = &here;
    int code = work();
    landing = nullptr;
    return code;
  }
  landing = nullptr;
  if (signal == SIGFPE) {
    say(std::string(what) + ": division of an integer by zero");
    return LAUNCH_FAILED;
  }
  if (here.misaligned) {
    say(std::string(what) + ": access to an address that is not a multiple of what is read or written there");
    return MISALIGNED_ADDRESS;
  }
  char address[32];
  snprintf(address, sizeof address, "0x%zx", static_cast<size_t>(here.address));
  say(std::string(what) + ": access to memory that is not there, at " + address);
  return ILLEGAL_ADDRESS;
}

}  // namespace emulator
