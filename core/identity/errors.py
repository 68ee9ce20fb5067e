"""What can go wrong with people, log-ins, roles, org units and keys."""

from core.errors import Conflict, InvalidRequest, NotAuthenticated, NotPermitted


class LoginRefused(NotAuthenticated):
    code = "LOGIN_REFUSED"
    message = "用户名或密码不正确"


class CodeRefused(NotAuthenticated):
    code = "CODE_REFUSED"
    message = "动态验证码不正确或已使用，请等待下一个验证码后再试"


class LoginStepExpired(NotAuthenticated):
    code = "LOGIN_STEP_EXPIRED"
    message = "登录已超时，请重新登录"


class TooManyAttempts(NotPermitted):
    status = 429
    code = "TOO_MANY_ATTEMPTS"
    message = "尝试次数过多，已暂时锁定，请在 {minutes} 分钟后再试或联系管理员"


class LoginMalformed(InvalidRequest):
    code = "LOGIN_MALFORMED"
    message = "用户名应为 3–40 位小写字母、数字、点、连字符、下划线或 @"


class LoginTaken(Conflict):
    code = "LOGIN_TAKEN"
    message = "用户名“{login}”已被使用，请换一个"


class NameMissing(InvalidRequest):
    code = "NAME_MISSING"
    message = "请填写 1–50 个字的姓名"


class PasswordTooWeak(InvalidRequest):
    code = "PASSWORD_TOO_WEAK"
    message = "密码至少 10 位，并含字母与数字，且不能包含用户名"


class PasswordWrong(InvalidRequest):
    code = "PASSWORD_WRONG"
    message = "当前密码不正确"


class PasswordUnchanged(InvalidRequest):
    code = "PASSWORD_UNCHANGED"
    message = "新密码不能与当前密码相同"


class UnknownRole(InvalidRequest):
    code = "UNKNOWN_ROLE"
    message = "没有“{role}”这个角色，或它不适用于本单位"


class RoleForKeys(InvalidRequest):
    code = "ROLE_FOR_KEYS"
    message = "角色“{role}”只给系统的接口密钥，不能授予人员"


class RoleNeedsPlace(InvalidRequest):
    code = "ROLE_NEEDS_PLACE"
    message = "角色“{role}”要指定管辖范围"


class RoleTakesNoPlace(InvalidRequest):
    code = "ROLE_TAKES_NO_PLACE"
    message = "角色“{role}”覆盖全单位，不能指定管辖范围"


class RolesConflict(Conflict):
    code = "ROLES_CONFLICT"
    message = "“{role}”与“{other}”不能由同一人（或同一密钥）担任"


class LastAdministrator(Conflict):
    code = "LAST_ADMINISTRATOR"
    message = "这是最后一位能授予角色的管理员，请先授权另一位同事"


class SecondFactorForced(Conflict):
    code = "SECOND_FACTOR_FORCED"
    message = "银行人员必须使用动态验证码，不能停用"


class SecondFactorKnown(Conflict):
    code = "SECOND_FACTOR_KNOWN"
    message = "已经启用动态验证码；更换前请先停用"


class OrgNameTaken(Conflict):
    code = "ORG_NAME_TAKEN"
    message = "同一上级下已经有“{name}”"


class OrgMoveImpossible(Conflict):
    code = "ORG_MOVE_IMPOSSIBLE"
    message = "不能把一个单位移到它自己的下级"


class KeyRoleTooStrong(InvalidRequest):
    code = "KEY_ROLE_TOO_STRONG"
    message = "接口密钥不能持有角色“{role}”：它能管理用户、角色或密钥"


class IdempotencyKeyMissing(InvalidRequest):
    code = "IDEMPOTENCY_KEY_MISSING"
    message = "请在 Idempotency-Key 请求头中给出 8–100 位的唯一值，重试时保持不变"


class IdempotencyKeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "这个 Idempotency-Key 已用于另一个请求，请换一个"


class IdempotencyInProgress(Conflict):
    code = "IDEMPOTENCY_IN_PROGRESS"
    message = "同一请求正在处理，请稍后用相同的 Idempotency-Key 重试"
