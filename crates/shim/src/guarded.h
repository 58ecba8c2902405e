// Exceptions end where C functions do: as a message of the caller's.

#pragma once

#include <c10/util/Exception.h>

#include <cstring>
#include <exception>

// 0, or 1 with a message in `why`, which has room for `room` bytes.
template <typename Work>
int guarded(char* why, size_t room, Work work) {
  const auto say = [&](const char* what) {
    std::strncpy(why, what, room - 1);
    why[room - 1] = '\0';
    return 1;
  };
  try {
    work();
    return 0;
  } catch (const c10::Error& error) {
    return say(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return say(error.what());
  }
}
