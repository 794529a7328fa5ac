// NVRTC on g++: a "cubin" is the bytes of a shared library that holds the kernels, compiled for the CPU with
// device.h before the source. The preprocessor runs first, so that kernels and names of dynamic shared memory
// are found in what is left, whatever macro or header they came from.
//
// Stricter than NVRTC: an option that the engine has no use for is refused. As NVRTC: no standard headers.
// Not modelled: what only nvcc finds wrong, registers, PTX (the text is the same library in hexadecimal).

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "emulator.h"

extern char** environ;

namespace emulator {
namespace {

enum Result {
  NVRTC_SUCCESS = 0,
  NVRTC_INVALID_INPUT = 3,
  NVRTC_INVALID_PROGRAM = 4,
  NVRTC_INVALID_OPTION = 5,
  NVRTC_COMPILATION = 6
};

const std::vector<int> ARCHITECTURES{75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

struct Program {
  std::string source, name;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string log, cubin, ptx;
};

std::mutex programsLock;
std::map<void*, std::shared_ptr<Program>> programs;

std::map<std::string, std::string> compiled;  // libraries by source, headers and options: each engine compiles anew

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Whether the command ended well; its messages go to a file.
bool execute(const std::vector<std::string>& command, const std::string& messages) {
  std::vector<char*> arguments;
  for (const std::string& each : command) {
    arguments.push_back(const_cast<char*>(each.c_str()));
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, messages.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child;
  int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    write(messages, std::string("g++ cannot be started: ") + strerror(failed) + "\n");
    return false;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A folder that is gone at the end.
struct Folder {
  std::string path;
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "cuda-emulator-XXXXXX";
    path = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string file(const std::string& name) const { return path + "/" + name; }
};

// What stands in the parentheses that open at `at`; moves `at` behind them.
std::string parenthesised(const std::string& text, size_t& at) {
  size_t from = at + 1;
  int depth = 0;
  for (; at < text.size(); at++) {
    depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    if (depth == 0) {
      at++;
      return text.substr(from, at - 1 - from);
    }
  }
  return "";
}

// The code behind the source: a table of its kernels, and its dynamic shared memory.
std::string epilogue(const std::string& text, int architecture) {
  std::string kernels;
  int count = 0;
  static const std::regex head(R"re(extern\s+"C"\s+__global__\b)re");
  static const std::regex name(R"re(\b([A-Za-z_]\w*)\s*\()re");
  for (auto match = std::sregex_iterator(text.begin(), text.end(), head); match != std::sregex_iterator(); ++match) {
    size_t at = static_cast<size_t>(match->position() + match->length());
    std::string bound;
    std::smatch found;
    while (std::regex_search(text.begin() + static_cast<long>(at), text.end(), found, name)) {
      at += static_cast<size_t>(found.position(0) + found.length(0)) - 1;
      if (found[1] != "__launch_bounds__") {
        break;
      }
      bound = parenthesised(text, at);
    }
    std::string kernel = found[1];
    std::string call = "EmulatedCall<&" + kernel + ">";
    kernels += "  {\"" + kernel + "\", " + call + "::call, " + call + "::PARAMETERS, " + call +
               "::COUNT, emulatedBound(" + bound + ")},\n";
    count++;
  }
  std::string dynamic;
  static const std::regex array(R"re(extern\s+__shared__\s[^;]*?\b([A-Za-z_]\w*)\s*\[\s*\]\s*;)re");
  std::vector<std::string> names;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), array); match != std::sregex_iterator(); ++match) {
    if (std::find(names.begin(), names.end(), (*match)[1]) == names.end()) {
      names.push_back((*match)[1]);
      dynamic += "\\n.globl " + names.back() + "\\n.hidden " + names.back() + "\\n.type " + names.back() +
                 ", @object\\n" + names.back() + ":";
    }
  }
  std::string bytes = std::to_string(emulated::DYNAMIC_SHARED + emulated::WATCHED);
  if (!names.empty()) {
    dynamic = "asm(\".section .tbss,\\\"awT\\\",@nobits\\n.balign 128" + dynamic +
              "\\n.type emulatedDynamic, @object\\n.size emulatedDynamic, " + bytes +
              "\\nemulatedDynamic: .zero " + bytes + "\\n.text\");\n";
  }
  return dynamic + "static const emulated::Kernel emulatedKernels[] = {\n" + kernels +
         "  {nullptr, nullptr, nullptr, 0, 0}};\n" +
         "static emulated::Thread** emulatedRunning() { return &emulatedThread; }\n" +
         "extern \"C\" __attribute__((visibility(\"default\"))) const emulated::Module emulatedModule = {" +
         "\"" EMULATOR_FOLDER "\", " + std::to_string(architecture) + ", emulatedKernels, " + std::to_string(count) +
         ", emulatedRunning, &emulatedHost};\n";
}

void keep(Program& program, const std::string& bytes, bool real) {
  program.cubin = real ? bytes : "";
  program.ptx = "// emulated PTX\n";
  for (unsigned char byte : bytes) {
    program.ptx += "0123456789abcdef"[byte >> 4];
    program.ptx += "0123456789abcdef"[byte & 15];
  }
}

int compile(Program& program, const std::vector<std::string>& options) {
  int architecture = 75;
  bool real = false;
  std::vector<std::string> defines;
  auto starts = [](const std::string& text, const char* with) { return text.rfind(with, 0) == 0; };
  for (size_t i = 0; i < options.size(); i++) {
    const std::string& option = options[i];
    if (starts(option, "--gpu-architecture=") || starts(option, "-arch=")) {
      std::string value = option.substr(option.find('=') + 1);
      size_t digits = value.find('_');
      architecture = digits == std::string::npos ? 0 : atoi(value.c_str() + digits + 1);
      real = starts(value, "sm_");
      if ((!real && !starts(value, "compute_")) ||
          std::find(ARCHITECTURES.begin(), ARCHITECTURES.end(), architecture) == ARCHITECTURES.end()) {
        program.log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
        return NVRTC_INVALID_OPTION;
      }
    } else if (starts(option, "--define-macro=")) {
      defines.push_back("-D" + option.substr(strlen("--define-macro=")));
    } else if (starts(option, "-D") && option.size() > 2) {
      defines.push_back(option);
    } else if (option == "-D" && i + 1 < options.size()) {
      defines.push_back("-D" + options[++i]);
    } else if (option != "--std=c++17" && option != "-std=c++17" && option != "--use_fast_math" &&
               option != "-use_fast_math" && option != "-default-device" && option != "--device-as-default-execution-space" &&
               option != "-lineinfo" && option != "--generate-line-info" && option != "--restrict" &&
               option != "-restrict" && !starts(option, "--fmad=") && !starts(option, "-fmad=") &&
               !starts(option, "--ftz=") && !starts(option, "-ftz=") && !starts(option, "--prec-div=") &&
               !starts(option, "--prec-sqrt=") && !starts(option, "--extra-device-vectorization") &&
               !starts(option, "--maxrregcount=") && !starts(option, "--diag-suppress=") &&
               !starts(option, "--ptxas-options=") && option != "--disable-warnings" && option != "-w") {
      program.log = "nvrtc: error: unrecognized option " + option + " found\n";
      return NVRTC_INVALID_OPTION;
    }
  }
  std::string key = program.name + '\0' + program.source;
  for (const auto& header : program.headers) {
    key += '\0' + header.first + '\0' + header.second;
  }
  for (const std::string& option : options) {
    key += '\0' + option;
  }
  {
    std::lock_guard<std::mutex> guard(programsLock);
    auto found = compiled.find(key);
    if (found != compiled.end()) {
      keep(program, found->second, real);
      return NVRTC_SUCCESS;
    }
  }
  Folder folder;
  std::string name = program.name.empty() ? "default_program" : program.name;
  std::replace(name.begin(), name.end(), '/', '_');
  std::string source = folder.file("source-" + name), whole = folder.file("whole.cpp");
  std::string preprocessed = folder.file("preprocessed.cpp"), library = folder.file("kernels.so");
  std::string messages = folder.file("messages");
  write(source, "#include \"" EMULATOR_FOLDER "/device.h\"\n#line 1 \"" + name + "\"\n" + program.source);
  for (const auto& header : program.headers) {
    std::filesystem::create_directories(std::filesystem::path(folder.file(header.first)).parent_path());
    write(folder.file(header.first), header.second);
  }
  std::vector<std::string> preprocess{"g++",       "-E",  "-x",
                                      "c++",       "-std=c++17", "-nostdinc",
                                      "-w",        "-I",  folder.path,
                                      "-I",        EMULATOR_FOLDER,
                                      "-D__CUDA_ARCH__=" + std::to_string(10 * architecture)};
  preprocess.insert(preprocess.end(), defines.begin(), defines.end());
  preprocess.insert(preprocess.end(), {source, "-o", preprocessed});
  bool done = execute(preprocess, messages);
  if (done) {
    std::string text = read(preprocessed);
    text += "\n#line 1 \"epilogue\"\n" + epilogue(text, architecture);
    write(whole, text);
    std::vector<std::string> translate{"g++", "-x", "c++", "-std=c++17", "-O2", "-fPIC", "-shared", "-w"};
    // Kernels read floats as float4, as nvcc lets them; fused multiply-add only where fmaf asks for it.
    translate.insert(translate.end(), {"-fno-extern-tls-init", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti",
                                       "-ffp-contract=off", "-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math",
                                       "-D__shared__=thread_local", "-D__global__=", "-D__launch_bounds__(...)="});
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      translate.insert(translate.end(), {"-mavx2", "-mfma"});
    }
    translate.insert(translate.end(), {whole, "-o", library, "-Wl,-Bsymbolic,-z,defs"});
    done = execute(translate, messages);
  }
  program.log = read(messages);
  if (!done) {
    return NVRTC_COMPILATION;
  }
  std::string bytes = read(library);
  keep(program, bytes, real);
  std::lock_guard<std::mutex> guard(programsLock);
  compiled[key] = bytes;
  return NVRTC_SUCCESS;
}

std::shared_ptr<Program> find(void* handle) {
  std::lock_guard<std::mutex> guard(programsLock);
  auto found = programs.find(handle);
  return found == programs.end() ? nullptr : found->second;
}

// Gives a text with a zero behind it, or bytes as they are.
int give(void* handle, std::string Program::*part, size_t* size, char* to, bool text) {
  auto program = find(handle);
  if (program == nullptr) {
    return NVRTC_INVALID_PROGRAM;
  }
  const std::string& value = (*program).*part;
  size_t bytes = value.size() + (text ? 1 : 0);
  if (size != nullptr) {
    *size = bytes;
  } else {
    memcpy(to, value.c_str(), bytes);
  }
  return NVRTC_SUCCESS;
}

}  // namespace
}  // namespace emulator

using namespace emulator;

#define ENTER()                             \
  if (int code = planned(__func__)) {       \
    return code;                            \
  }

EXPORT int nvrtcVersion(int* major, int* minor) {
  ENTER();
  *major = 13;
  *minor = 0;
  return NVRTC_SUCCESS;
}

EXPORT int nvrtcGetNumSupportedArchs(int* count) {
  ENTER();
  *count = static_cast<int>(ARCHITECTURES.size());
  return NVRTC_SUCCESS;
}

EXPORT int nvrtcGetSupportedArchs(int* architectures) {
  ENTER();
  std::copy(ARCHITECTURES.begin(), ARCHITECTURES.end(), architectures);
  return NVRTC_SUCCESS;
}

EXPORT int nvrtcCreateProgram(void** handle, const char* source, const char* name, int count,
                              const char* const* headers, const char* const* includeNames) {
  ENTER();
  if (handle == nullptr || source == nullptr || count < 0 ||
      (count > 0 && (headers == nullptr || includeNames == nullptr))) {
    return NVRTC_INVALID_INPUT;
  }
  auto program = std::make_shared<Program>();
  program->source = source;
  program->name = name == nullptr ? "" : name;
  for (int i = 0; i < count; i++) {
    program->headers.emplace_back(includeNames[i], headers[i]);
  }
  *handle = program.get();
  std::lock_guard<std::mutex> guard(programsLock);
  programs[program.get()] = program;
  return NVRTC_SUCCESS;
}

EXPORT int nvrtcDestroyProgram(void** handle) {
  ENTER();
  std::lock_guard<std::mutex> guard(programsLock);
  if (handle == nullptr || programs.erase(*handle) == 0) {
    return NVRTC_INVALID_PROGRAM;
  }
  *handle = nullptr;
  return NVRTC_SUCCESS;
}

EXPORT int nvrtcCompileProgram(void* handle, int count, const char* const* options) {
  ENTER();
  auto program = find(handle);
  if (program == nullptr) {
    return NVRTC_INVALID_PROGRAM;
  }
  return compile(*program, std::vector<std::string>(options, options + count));
}

EXPORT int nvrtcGetProgramLogSize(void* program, size_t* size) {
  ENTER();
  return give(program, &Program::log, size, nullptr, true);
}

EXPORT int nvrtcGetProgramLog(void* program, char* to) {
  ENTER();
  return give(program, &Program::log, nullptr, to, true);
}

EXPORT int nvrtcGetCUBINSize(void* program, size_t* size) {
  ENTER();
  return give(program, &Program::cubin, size, nullptr, false);
}

EXPORT int nvrtcGetCUBIN(void* program, char* to) {
  ENTER();
  return give(program, &Program::cubin, nullptr, to, false);
}

EXPORT int nvrtcGetPTXSize(void* program, size_t* size) {
  ENTER();
  return give(program, &Program::ptx, size, nullptr, true);
}

EXPORT int nvrtcGetPTX(void* program, char* to) {
  ENTER();
  return give(program, &Program::ptx, nullptr, to, true);
}

EXPORT const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case NVRTC_SUCCESS: return "NVRTC_SUCCESS";
    case 1: return "NVRTC_ERROR_OUT_OF_MEMORY";
    case 2: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
    case NVRTC_INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case NVRTC_INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
    case NVRTC_INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case NVRTC_COMPILATION: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR unknown";
  }
}
